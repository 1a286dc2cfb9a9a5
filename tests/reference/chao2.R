# Chao2's unseen codes by vegan's specpool; run from tests/reference: Rscript chao2.R
library(vegan)
library(jsonlite)
interviews <- 12
cases <- list(c(1, 6, 2, 5, 3, 1, 2, 3, 3, 1, 3, 4, 5, 4, 2, 3, 1), c(4, 4, 4, 8, 2, 1, 5, 3, 3, 1, 3, 4, 3, 3, 1, 3, 4),
              c(rep(1, 6), rep(2, 3), rep(8, 5)), c(1, 1, 1, 5, 6))
pool <- function(frequency) {
  borne <- sapply(frequency, function(f) as.integer(seq_len(interviews) <= f))
  found <- specpool(borne)
  list(frequency = frequency, unseen = found$chao - found$Species, se = found$chao.se)
}
out <- list(
  versions = list(R = R.version.string, vegan = as.character(packageVersion("vegan"))),
  interviews = interviews, cases = lapply(cases, pool)
)
writeLines(toJSON(out, digits = 15, auto_unbox = TRUE, pretty = TRUE), "chao2.json")
