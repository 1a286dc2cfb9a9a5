# The classes that IRaMuTeQ keeps of a tree with small leaves, on random trees.
#
# Rscript tests/reference/iramuteq_classes.R chdtxt.R
#   chdtxt.R: that file of IRaMuTeQ (find.terminales, getfille, getlength).
# Writes iramuteq_classes.json beside itself: splits (node, left, right; the root is 1), sizes of the leaves, the
# smallest class, and the classes kept.

args <- commandArgs(trailingOnly = TRUE)
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
source(args[1])
set.seed(20)

one_tree <- function() {
  n_splits <- sample(2:9, 1)
  leaves <- 1
  mothers <- daughters <- splits <- list()
  for (i in seq_len(n_splits)) {
    node <- leaves[sample(length(leaves), 1)]
    pair <- c(2 * i, 2 * i + 1)
    mothers[[2 * i]] <- mothers[[2 * i + 1]] <- node
    daughters[[node]] <- pair
    splits[[i]] <- c(node, pair)
    leaves <- c(setdiff(leaves, node), pair)
  }
  leaves <- sort(leaves)
  sizes <- sample(1:12, length(leaves), replace = TRUE)
  # Column i: the class of each row after split i.
  of_row <- rep(leaves, sizes)
  columns <- sapply(seq_len(n_splits), function(i) {
    sapply(of_row, function(leaf) {
      while (leaf > 2 * i + 1) leaf <- mothers[[leaf]]
      leaf
    })
  })
  least <- sample(2:14, 1)
  sink("/dev/null")
  kept <- find.terminales(columns, mothers, daughters, least)
  sink()
  kept <- if (identical(kept, "no clusters")) list() else as.list(sort(as.integer(kept)))
  list(splits = splits, leaves = leaves, sizes = sizes, least = least, kept = kept)
}

result <- list(
  versions = list(R = paste(R.version$major, R.version$minor, sep = "."), iramuteq = "0.8 alpha 7"),
  trees = lapply(1:60, function(i) one_tree())
)
writeLines(jsonlite::toJSON(result, auto_unbox = TRUE), file.path(here, "iramuteq_classes.json"))
