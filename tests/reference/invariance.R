# Goldens of the confirmatory models: single group ML and MLR, the invariance ladder, partial invariance, latent means, score tests.
# Run from this folder: Rscript invariance.R
suppressMessages({library(lavaan); library(jsonlite)})
d <- read.csv("data.csv"); d$coll <- factor(d$coll)
mod <- "f1 =~ q1+q2+q3+q4+q5\nf2 =~ q6+q7+q8+q9+q10"
wanted <- c("chisq", "df", "pvalue", "cfi", "tli", "rmsea", "rmsea.ci.lower", "rmsea.ci.upper", "srmr", "aic", "bic", "logl",
            "baseline.chisq", "baseline.df")
robust <- c("chisq.scaled", "chisq.scaling.factor", "cfi.robust", "tli.robust", "rmsea.robust")
measures <- function(f, extra = character()) as.list(unclass(fitMeasures(f, c(wanted, extra))))
frame <- function(f) { p <- parameterEstimates(f); p$group <- if (is.null(p$group)) 1 else p$group
  p[, c("lhs", "op", "rhs", "group", "est", "se")] }
steps <- list(configural = "", metric = "loadings", scalar = c("loadings", "intercepts"), strict = c("loadings", "intercepts", "residuals"))
ladder <- function(estimator) lapply(steps, function(e) if (identical(e, "")) cfa(mod, std.lv = TRUE, d, group = "coll", estimator = estimator) else
  cfa(mod, std.lv = TRUE, d, group = "coll", group.equal = e, estimator = estimator))
ml <- ladder("ML"); mlr <- ladder("MLR")
one <- cfa(mod, std.lv = TRUE, d); one_r <- cfa(mod, std.lv = TRUE, d, estimator = "MLR"); small <- cfa("f =~ q1+q2+q3+q4+q5", d, std.lv = TRUE)
partial <- cfa(mod, std.lv = TRUE, d, group = "coll", group.equal = c("loadings", "intercepts"), group.partial = c("q3~1", "q7~1"))
release <- function(f, lhs, op, rhs) { p <- parTable(f); own <- p$plabel[p$lhs == lhs & p$op == op & p$rhs == rhs]
  constraints <- p[p$op == "==", ]; t <- lavTestScore(f, release = which(constraints$lhs %in% own))$test
  list(chi2 = t$X2, df = t$df, p = t$p.value) }
released <- list(intercepts = lapply(setNames(nm = paste0("q", 1:10)), function(q) release(ml$scalar, q, "~1", "")),
  loadings = lapply(setNames(nm = paste0("q", 1:5)), function(q) release(ml$metric, "f1", "=~", q)))
score <- lavTestScore(ml$scalar)$uni
pt <- parTable(ml$scalar)
what <- function(plabel) { i <- match(plabel, pt$plabel); paste(pt$lhs[i], pt$op[i], pt$rhs[i], pt$group[i]) }
score$left <- what(score$lhs); score$right <- what(score$rhs)
hs <- HolzingerSwineford1939
hsm <- "visual =~ x1+x2+x3\ntextual =~ x4+x5+x6\nspeed =~ x7+x8+x9"
hs_ladder <- lapply(steps, function(e) if (identical(e, "")) cfa(hsm, std.lv = TRUE, hs, group = "school") else cfa(hsm, std.lv = TRUE, hs, group = "school", group.equal = e))
out <- list(
  versions = list(R = R.version.string, lavaan = as.character(packageVersion("lavaan"))),
  groups = lavInspect(ml$configural, "group.label"),
  single = list(fit = measures(one), estimates = frame(one), std = standardizedSolution(one)[, c("lhs", "op", "rhs", "est.std", "se")]),
  single_mlr = list(fit = measures(one_r, robust), estimates = frame(one_r)),
  one_factor = measures(small),
  ladder = lapply(ml, measures), ladder_mlr = lapply(mlr, measures, extra = robust),
  estimates = lapply(ml, frame), mlr_scalar = frame(mlr$scalar),
  partial = list(fit = measures(partial), estimates = frame(partial)), score = score[, c("left", "right", "X2", "df", "p.value")],
  released = released, lrt = as.data.frame(lavTestLRT(ml$configural, ml$metric, ml$scalar, ml$strict)),
  lrt_mlr = as.data.frame(lavTestLRT(mlr$configural, mlr$metric, mlr$scalar, mlr$strict)),
  holzinger = lapply(hs_ladder, measures), holzinger_scalar = frame(hs_ladder$scalar)
)
write(toJSON(out, digits = 15, auto_unbox = TRUE, pretty = FALSE), "invariance.json")
