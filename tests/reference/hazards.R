# Cox models of R's survival on hazards.csv; run from tests/reference: Rscript hazards.R
library(survival)
library(jsonlite)
d <- read.csv("hazards.csv")
d$kind <- factor(d$kind, levels = c("a", "b", "c"))
fit <- coxph(Surv(duration, ended) ~ good + kind + size, data = d, ties = "efron")
robust <- coxph(Surv(duration, ended) ~ good + kind + size, data = d, ties = "efron", cluster = service)
zph <- cox.zph(fit, transform = "rank", terms = FALSE, global = FALSE)
out <- list(
  versions = list(R = R.version.string, survival = as.character(packageVersion("survival"))),
  log_ratio = as.numeric(coef(fit)), se = as.numeric(sqrt(diag(vcov(fit)))), log_likelihood = fit$loglik[2],
  robust_se = as.numeric(sqrt(diag(vcov(robust)))), proportional_chi2 = as.numeric(zph$table[, "chisq"]),
  proportional_p = as.numeric(zph$table[, "p"])
)
writeLines(toJSON(out, digits = 15, auto_unbox = TRUE, pretty = TRUE), "hazards.json")
