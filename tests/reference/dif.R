# Goldens of differential item functioning: log-likelihoods of the nested proportional-odds models, without purification.
# Run from this folder: Rscript dif.R
suppressMessages({library(ordinal); library(jsonlite)})
d <- read.csv("data.csv"); q <- paste0("q", 1:5); d$coll <- factor(d$coll)
one <- function(item) {
  d$y <- ordered(d[[item]]); d$m <- rowMeans(d[, setdiff(q, item)])
  ll <- function(f) as.numeric(logLik(clm(f, data = d, control = clm.control(gradTol = 1e-10, maxIter = 500L))))
  list(null = ll(y ~ 1), level = ll(y ~ m), uniform = ll(y ~ m + coll), full = ll(y ~ m * coll))
}
out <- list(versions = list(R = R.version.string, ordinal = as.character(packageVersion("ordinal"))),
            items = lapply(setNames(nm = q), one))
write(toJSON(out, digits = 15, auto_unbox = TRUE, pretty = TRUE), "dif.json")
