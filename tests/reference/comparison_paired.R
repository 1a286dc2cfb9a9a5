# Goldens of paired comparisons and survival. Run from this folder: Rscript comparison_paired.R
suppressMessages({library(coin); library(jsonlite); library(survival); library(effectsize)})
w <- read.csv("waves.csv"); w1 <- w$score[w$wave == 1]; w2 <- w$score[w$wave == 2]
band <- function(x) cut(x, c(0, 2.5, 3.5, 4.2, 5), labels = FALSE)
pratt <- function(a, b, ...) { t <- wilcoxsign_test(b ~ a, zero.method = "Pratt", ...); list(z = as.numeric(statistic(t)), p = as.numeric(pvalue(t))) }
transitions <- table(factor(band(w1)), factor(band(w2)))
sm <- function(t) { d <- (rowSums(t) - colSums(t))[-1]; s <- -(t + base::t(t)); diag(s) <- rowSums(t) + colSums(t) - 2 * diag(t)
  as.numeric(d %*% solve(s[-1, -1]) %*% d) }
high <- table(w1 > 3.5, w2 > 3.5)
d <- read.csv("data.csv"); items <- as.matrix(d[1:60, paste0("q", 1:5)])
fr <- friedman.test(items)
small1 <- c(2, 3, 3, 4, 2, 1, 5, 3); small2 <- c(3, 4, 3, 5, 4, 3, 4, 3)
km <- survfit(Surv(time, status) ~ 1, data = lung, conf.type = "log-log")
at <- c(100, 300, 500); s <- summary(km, times = at)
lr <- survdiff(Surv(time, status) ~ sex, data = lung)
m <- glm(I(cat == "A") ~ age + sexe + score, data = d, family = binomial)
out <- list(versions = list(R = R.version.string, coin = as.character(packageVersion("coin")), survival = as.character(packageVersion("survival")), effectsize = as.character(packageVersion("effectsize"))),
  pratt = pratt(w1, w2), pratt_exact = pratt(small1, small2, distribution = "exact"), t = t.test(w2, w1, paired = TRUE)$p.value,
  transitions = matrix(transitions, 4), stuart_maxwell = sm(transitions), coin_mh = as.numeric(statistic(mh_test(as.table(transitions)))),
  high = matrix(high, 2), mcnemar = list(statistic = as.numeric(mcnemar.test(high)$statistic), p = mcnemar.test(high)$p.value),
  friedman = list(statistic = as.numeric(fr$statistic), p = fr$p.value),
  lung = list(time = lung$time, status = lung$status - 1, sex = lung$sex), km = list(time = at, surv = s$surv, low = s$lower, high = s$upper, median = as.numeric(summary(km)$table["median"])), logrank = lr$chisq,
  glm = list(estimate = as.numeric(coef(m)), se = as.numeric(sqrt(diag(vcov(m))))))
write(toJSON(out, digits = 15, auto_unbox = TRUE, pretty = TRUE), "comparison_paired.json")
