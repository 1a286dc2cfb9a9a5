# Similarity of forms by the R packages proxy (indices) and igraph (communities), on simulated segments x forms;
# the binomial index by binom.test, as IRaMuTeQ defines it.
# Rscript tests/reference/similarity.R, from the root; writes tests/reference/similarity.json
library(proxy)
library(igraph, warn.conflicts = FALSE)
library(jsonlite)

set.seed(1936)
n <- 120
k <- 14
theme <- sample(3, n, replace = TRUE)
chance <- matrix(0.06, 3, k)
chance[1, 1:5] <- 0.45
chance[2, 6:10] <- 0.40
chance[3, 11:14] <- 0.50
x <- matrix(as.integer(runif(n * k) < chance[theme, ]), n)
names <- sprintf("mot%02d", seq_len(k))
colnames(x) <- names
a <- t(x) %*% x
size <- colSums(x)

pairs <- which(upper.tri(a) & a > 0, arr.ind = TRUE)
indices <- c(jaccard = "Jaccard", dice = "Dice", ochiai = "Ochiai", simpson = "Simpson", phi = "Phi")
values <- lapply(indices, function(name) as.matrix(simil(x, method = name, by_rows = FALSE))[pairs])
values$binomial <- apply(pairs, 1, function(p) {
  binom.test(a[p[1], p[2]] - 1, n, (size[p[1]] / n) * (size[p[2]] / n), "less")$p.value
})

g <- graph_from_adjacency_matrix(a * upper.tri(a), mode = "upper", weighted = TRUE)
found <- cluster_fast_greedy(g)
out <- list(
  versions = list(R = R.version.string, proxy = as.character(packageVersion("proxy")),
                  igraph = as.character(packageVersion("igraph"))),
  note = "simulated segments x forms",
  terms = names, segments = x,
  pairs = data.frame(term1 = names[pairs[, 1]], term2 = names[pairs[, 2]], values),
  communities = list(membership = as.integer(membership(found)), modularity = modularity(found))
)
write_json(out, "tests/reference/similarity.json", auto_unbox = TRUE, digits = 15)
