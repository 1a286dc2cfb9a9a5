# Reinert's classification as rainette does it, on small presence tables of our own and on the manifesto.
#
# Rscript tests/reference/reinert_rainette.R [rainette] [manifesto_dtm.csv]
#   rainette: folder of rainette's sources (R/rainette.R and src/Rcpp_functions.cpp); without it, library(rainette).
# Writes reinert_rainette.json beside itself. Its functions do the work (axis, cut, reallocation, selection of terms);
# this script only drives them on plain matrices, so that quanteda is not needed.

args <- commandArgs(trailingOnly = TRUE)
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
if (length(args) && dir.exists(args[1])) {
  Rcpp::sourceCpp(file.path(args[1], "src", "Rcpp_functions.cpp"))
  source(file.path(args[1], "R", "rainette.R"))
} else {
  cpp_split_tab <- rainette:::cpp_split_tab
  cpp_switch_docs <- rainette:::cpp_switch_docs
  order_docs <- rainette:::order_docs
  switch_docs <- rainette:::switch_docs
  select_features <- rainette:::select_features
}

other_sign <- function(m) {
  p <- m / sum(m)
  expected <- tcrossprod(rowSums(p), colSums(p))
  axis <- RSpectra::svds((p - expected) / sqrt(expected), k = 1, nv = 0)$u[, 1] / sqrt(rowSums(p))
  order(-axis)
}

# The reallocation with the row looked up where its chi-square stands.
corrected_switch <- function(m, indices, max_index, max_chisq) {
  cut <- which(indices == max_index)
  first <- indices[1:cut]
  second <- indices[(cut + 1):length(indices)]
  repeat {
    values <- cpp_switch_docs(m[first, , drop = FALSE], m[second, , drop = FALSE])
    best <- which.max(values)
    if (!(values[best] > max_chisq * (1 + 1e-12))) break
    row <- c(first, second)[best]
    if (row %in% first) {
      first <- setdiff(first, row)
      second <- c(second, row)
    } else {
      second <- setdiff(second, row)
      first <- c(first, row)
    }
    max_chisq <- values[best]
  }
  list(indices1 = first, indices2 = second, chisq = max_chisq)
}

cut_once <- function(m, order_rows = order_docs, switch_rows = switch_docs) {
  storage.mode(m) <- "integer"
  indices <- order_rows(m)
  found <- cpp_split_tab(m, indices)
  switch_rows(m, indices, found$max_index, found$max_chisq)
}

classes <- function(m, k, switch_rows = switch_docs, min_split = 5) {
  rownames(m) <- seq_len(nrow(m))
  tabs <- list(m)
  rows <- list(seq_len(nrow(m)))
  heights <- numeric()
  for (i in seq_len(k - 1)) {
    largest <- which.max(sapply(tabs, nrow))
    tab <- tabs[[largest]]
    if (nrow(tab) < min_split || nrow(tab) < 3 || ncol(tab) < 3) break
    tab <- tab[rowSums(tab) > 0, colSums(tab) > 0, drop = FALSE]
    found <- cut_once(tab, switch_rows = switch_rows)
    kept <- select_features(tab, found$indices1, found$indices2)
    children <- list(
      tab[found$indices1, kept$cols1, drop = FALSE], tab[found$indices2, kept$cols2, drop = FALSE]
    )
    tabs <- append(tabs[-largest], children, after = largest - 1)
    rows <- append(
      rows[-largest], lapply(children, function(child) as.integer(rownames(child))), after = largest - 1
    )
    heights <- c(heights, found$chisq)
  }
  group <- rep(0L, nrow(m))
  for (j in seq_along(rows)) group[rows[[j]]] <- j
  list(heights = heights, group = group)
}

# Segments of a few terms, some of them from one of three themes; without theme, rows are moved often.
segments <- function(n, p, words, of_theme, seed) {
  set.seed(seed)
  m <- matrix(0L, n, p)
  for (i in seq_len(n)) {
    own <- seq(i %% 3 + 1, p, by = 3)
    m[i, c(sample(own, of_theme), sample(p, words - of_theme))] <- 1L
  }
  colnames(m) <- paste0("t", seq_len(p))
  m[rowSums(m) > 0, colSums(m) > 0]
}

once <- function(m, order_rows) {
  found <- cut_once(m, order_rows)
  list(first = found$indices1, second = found$indices2, chi2 = found$chisq)
}

sizes <- list(
  c(40, 15, 4, 2), c(60, 30, 6, 3), c(90, 45, 6, 2), c(120, 60, 5, 1), c(200, 80, 7, 2), c(70, 150, 9, 3),
  c(80, 30, 5, 0), c(150, 60, 6, 0), c(60, 100, 8, 0), c(110, 40, 4, 1)
)
tables <- lapply(seq_along(sizes), function(i) {
  s <- sizes[[i]]
  m <- segments(s[1], s[2], s[3], s[4], 100 + i)
  list(
    rows = apply(m, 1, function(row) I(which(row == 1) - 1), simplify = FALSE),
    n_terms = ncol(m),
    own_sign = once(m, order_docs),
    other_sign = once(m, other_sign),
    tree = classes(m, 6)
  )
})
manifesto <- NULL
if (length(args) > 1) {
  m <- as.matrix(read.csv(args[2], check.names = FALSE))
  m <- (m > 0) * 1L
  manifesto <- list(
    rainette = classes(m, 10), corrected = classes(m, 10, corrected_switch),
    own_sign = once(m[rowSums(m) > 0, ], order_docs)$chi2
  )
}
versions <- list(
  R = paste(R.version$major, R.version$minor, sep = "."), RSpectra = as.character(packageVersion("RSpectra")),
  rainette = "0.3.2.9000, commit 8b67ddbf"
)
result <- list(versions = versions, tables = tables, manifesto = manifesto)
writeLines(
  jsonlite::toJSON(result, digits = I(15), auto_unbox = TRUE, null = "null"),
  file.path(here, "reinert_rainette.json")
)
