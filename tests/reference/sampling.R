# Oracle of tests/sampling: R survey on data.csv (stratified) and sampling_clusters.csv (stratified clusters).
suppressMessages({library(survey); library(jsonlite)})
d <- read.csv("data.csv")
d$grade_a <- as.numeric(d$cat == "A")
d$score_na <- d$score; d$score_na[1:5] <- NA
k <- read.csv("sampling_clusters.csv")

full <- svydesign(ids = ~1, strata = ~coll, weights = ~w, fpc = ~pop, data = d)
free <- svydesign(ids = ~1, strata = ~coll, weights = ~w, data = d)
kfull <- svydesign(ids = ~service, strata = ~kind, weights = ~weight, fpc = ~services, data = k, nest = TRUE)
kfree <- svydesign(ids = ~service, strata = ~kind, weights = ~weight, data = k, nest = TRUE)

one <- function(s, df) {
  ci <- confint(s, df = df)
  list(value = unname(coef(s)), se = unname(as.vector(SE(s))), low = unname(ci[, 1]), high = unname(ci[, 2]), df = df,
       deff = if (is.null(attr(s, "deff"))) NULL else unname(deff(s)))
}
by <- function(formula, group, design, fun, ...) {
  s <- svyby(formula, group, design, fun, deff = TRUE, na.rm = TRUE, ...)
  list(label = as.character(s[[1]]), value = unname(coef(s)), se = unname(as.vector(SE(s))), deff = unname(deff(s)),
       low = unname(confint(s, df = degf(design))[, 1]), high = unname(confint(s, df = degf(design))[, 2]))
}
rat <- function(num, den, design) {
  s <- svyratio(num, den, design, deff = TRUE)
  ci <- confint(s, df = degf(design))
  list(value = unname(coef(s)), se = unname(as.vector(SE(s))), low = ci[1, 1], high = ci[1, 2], deff = as.vector(s$deff))
}
prop <- function(formula, design, method) {
  s <- svyciprop(formula, design, method = method)
  list(value = as.vector(s), low = unname(attr(s, "ci")[1]), high = unname(attr(s, "ci")[2]))
}
quant <- function(formula, design, q) {
  s <- svyquantile(formula, design, q, na.rm = TRUE)[[1]]
  list(value = unname(s[, 1]), low = unname(s[, 2]), high = unname(s[, 3]), se = unname(s[, 4]))
}
margins <- list(data.frame(cat = c("A", "B", "C"), Freq = c(600, 1000, 1895)),
                data.frame(sexe = c("F", "H"), Freq = c(1900, 1595)))
three <- c(margins, list(data.frame(anc = sort(unique(d$anc)), Freq = c(0, 0, 0, 0)[seq_along(unique(d$anc))])))
three[[3]]$Freq <- round(3495 * as.vector(prop.table(table(d$anc))) ) ; three[[3]]$Freq[1] <- 3495 - sum(three[[3]]$Freq[-1])
loose <- list(maxit = 500, epsilon = 1e-12)
raked <- rake(full, list(~cat, ~sexe), margins, control = loose)
cal <- function(design, ...) calibrate(design, list(~cat, ~sexe), margins, epsilon = 1e-12, maxit = 200, ...)
kmargin <- list(data.frame(grade = c("A", "B", "C"), Freq = c(300, 420, 980)), data.frame(sex = c("F", "H"), Freq = c(980, 720)))
kcal <- function(design) calibrate(design, list(~grade, ~sex), kmargin, calfun = "raking", epsilon = 1e-12, maxit = 200)
calibrated <- function(design, weights = TRUE) {
  s <- svymean(~score, design, deff = TRUE, na.rm = TRUE)
  r <- list(mean = one(s, degf(design)), total = one(svytotal(~score, design, na.rm = TRUE), degf(design)),
            by = by(~score, if ("coll" %in% names(design$variables)) ~coll else ~kind, design, svymean))
  if (weights) r$weights <- unname(weights(design))
  r
}
numeric_totals <- c(`(Intercept)` = 3495, sexeH = 1595, age = 3495 * 43)
age <- function(...) calibrate(full, ~sexe + age, numeric_totals, epsilon = 1e-12, maxit = 200, ...)
cells <- data.frame(expand.grid(cat = c("A", "B", "C"), sexe = c("F", "H")), Freq = c(330, 540, 1030, 270, 460, 865))
jack <- function(design) {
  r <- as.svrepdesign(design, type = "JKn")
  list(mean = unname(as.vector(SE(svymean(~score, r, na.rm = TRUE)))),
       mse = unname(as.vector(SE(svymean(~score, as.svrepdesign(design, type = "JKn", mse = TRUE), na.rm = TRUE)))))
}
two <- subset(full, cat == "A")

out <- list(
  versions = list(R = R.version.string, survey = as.character(packageVersion("survey"))),
  stratified = list(
    mean_full = one(svymean(~score, full, deff = TRUE), degf(full)),
    mean_free = one(svymean(~score, free, deff = TRUE), degf(free)),
    deff_replace = unname(deff(svymean(~score, full, deff = "replace"))),
    mean_missing = one(svymean(~score_na, full, na.rm = TRUE, deff = TRUE), degf(full)),
    total_full = one(svytotal(~score, full, deff = TRUE), degf(full)),
    total_free = one(svytotal(~score, free, deff = TRUE), degf(free)),
    mean_by_sex_full = by(~score, ~sexe, full, svymean),
    mean_by_sex_free = by(~score, ~sexe, free, svymean),
    mean_by_partner_full = by(~score, ~coll, full, svymean),
    total_by_sex_full = by(~score, ~sexe, full, svytotal),
    mean_missing_by_sex = by(~score_na, ~sexe, full, svymean),
    subset_a = one(svymean(~score, two, deff = TRUE), degf(full)),
    prop_logit = prop(~grade_a, full, "logit"), prop_beta = prop(~grade_a, full, "beta"),
    prop_logit_free = prop(~grade_a, free, "logit"), prop_beta_free = prop(~grade_a, free, "beta"),
    ratio_full = rat(~score, ~age, full),
    quantile_full = quant(~score, full, c(.1, .25, .5, .75, .9)),
    quantile_age_free = quant(~age, free, c(.25, .5, .75)),
    jackknife_full = jack(full), jackknife_free = jack(free)),
  clusters = list(
    mean_full = one(svymean(~score, kfull, na.rm = TRUE, deff = TRUE), degf(kfull)),
    mean_free = one(svymean(~score, kfree, na.rm = TRUE, deff = TRUE), degf(kfree)),
    total_full = one(svytotal(~cost, kfull, deff = TRUE), degf(kfull)),
    mean_by_grade_full = by(~score, ~grade, kfull, svymean),
    mean_by_kind_free = by(~score, ~kind, kfree, svymean),
    ratio_full = rat(~cost, ~agents, kfull), ratio_free = rat(~cost, ~agents, kfree),
    rare_logit = prop(~telework, kfull, "logit"), rare_beta = prop(~telework, kfull, "beta"),
    quantile_full = quant(~score, kfull, c(.25, .5, .75)),
    jackknife_full = jack(kfull), jackknife_free = jack(kfree)),
  calibration = list(
    rake_weights = unname(weights(raked)), rake_se_of_r = unname(as.vector(SE(svymean(~score, raked)))),
    raking = calibrated(cal(full, calfun = "raking")), raking_free = calibrated(cal(free, calfun = "raking"), FALSE),
    raking_three = calibrated(calibrate(full, list(~cat, ~sexe, ~anc), three, calfun = "raking", epsilon = 1e-12)),
    three_totals = three[[3]],
    linear = calibrated(cal(full, calfun = "linear")),
    logit = calibrated(cal(full, calfun = "logit", bounds = c(0.6, 1.8))),
    linear_bounded = calibrated(age(calfun = "linear", bounds = c(0.8, 1.25))),
    age_linear = calibrated(age(calfun = "linear")), age_raking = calibrated(age(calfun = "raking")),
    age_logit = calibrated(age(calfun = "logit", bounds = c(0.5, 2))),
    clusters = calibrated(kcal(kfull)),
    poststratify = calibrated(postStratify(full, ~sexe, margins[[2]])),
    poststratify_cells = calibrated(postStratify(full, ~cat + sexe, cells)),
    poststratify_then_rake = calibrated(cal(postStratify(full, ~sexe, margins[[2]]), calfun = "raking")),
    trimmed = unname(weights(trimWeights(raked, lower = 2, upper = 9, strict = TRUE))),
    jackknife = unname(as.vector(SE(svymean(~score,
      calibrate(as.svrepdesign(full, type = "JKn"), list(~cat, ~sexe), margins, calfun = "raking", epsilon = 1e-12)))))))
write(toJSON(out, digits = I(15), auto_unbox = TRUE, pretty = TRUE), "sampling.json")
