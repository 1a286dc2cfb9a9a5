# Indices of careless responding by the R package careless, on simulated answers with and without holes.
# Rscript tests/reference/careless.R, from the root; writes tests/reference/careless.json
library(careless)
library(jsonlite)

set.seed(20130513)
n <- 80
k <- 24
trait <- matrix(rnorm(n * 4), n)
x <- sapply(seq_len(k), function(j) {
  pmin(5, pmax(1, round(3 + 1.1 * trait[, 1 + (j - 1) %/% 6] + 0.6 * rnorm(n))))
})
x[, 6] <- 6 - x[, 6]
x[1, ] <- 3
x[2, ] <- rep(1:5, length.out = k)
holed <- x
holed[matrix(runif(n * k) < 0.06, n)] <- NA
holed[1, ] <- 3
holed[3, ] <- NA
frame <- function(m) { colnames(m) <- paste0("q", seq_len(ncol(m))); as.data.frame(m) }

indices <- function(m) {
  data <- frame(m)
  runs <- longstring(data, avg = TRUE)
  empty <- apply(is.na(data), 1, all)
  distance <- rep(NA_real_, nrow(data))
  distance[!empty] <- mahad(data[!empty, ], plot = FALSE)
  list(
    longstring = runs$longstr, average_run = runs$avgstr, irv = irv(data),
    even_odd = suppressWarnings(evenodd(data, rep(6, 4))), mahalanobis = distance,
    synonyms = psychsyn(data, critval = 0.5, resample_na = FALSE),
    antonyms = psychsyn(data, critval = 0.3, anto = TRUE, resample_na = FALSE)
  )
}

out <- list(
  versions = list(R = R.version.string, careless = as.character(packageVersion("careless")),
                  psych = as.character(packageVersion("psych"))),
  note = "simulated answers",
  complete = list(data = x, indices = indices(x)),
  holed = list(data = holed, indices = indices(holed))
)
write(toJSON(out, digits = 15, na = "null", auto_unbox = TRUE), "tests/reference/careless.json")
