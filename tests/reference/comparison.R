# Goldens of the comparison of groups. Run from this folder: Rscript comparison.R
suppressMessages({library(effectsize); library(rstatix); library(ordinal); library(survey); library(coin); library(jsonlite); library(car)})
d <- read.csv("data.csv"); d$coll <- factor(d$coll); d$sexe <- factor(d$sexe); d$cat <- factor(d$cat)
two <- droplevels(d[d$coll %in% c("CA Nord", "Mairie A"), ])
rows <- function(x) { x <- as.data.frame(x); keep <- intersect(names(x), c("group1", "group2", "estimate", "conf.low", "conf.high", "statistic", "df", "p", "p.adj")); as.list(x[keep]) }
es <- function(x) { x <- as.data.frame(x); n <- setdiff(names(x), c("CI", "CI_low", "CI_high", "Parameter")); list(value = x[[n[1]]], low = x$CI_low, high = x$CI_high) }
ht <- function(x) list(statistic = unname(x$statistic), df = unname(x$parameter), p = x$p.value)

n <- tapply(d$score, d$coll, length); m <- tapply(d$score, d$coll, mean); v <- tapply(d$score, d$coll, var) / n
pair <- combn(6, 2)
gh <- apply(pair, 2, function(i) { s <- sum(v[i]); df <- s^2 / sum(v[i]^2 / (n[i] - 1))
  ptukey(abs(diff(m[i])) / sqrt(s) * sqrt(2), 6, df, lower.tail = FALSE) })
means <- list(games_howell_p = gh,
  welch_t = ht(t.test(score ~ coll, two)), welch_t_ci = as.numeric(t.test(score ~ coll, two)$conf.int),
  welch_anova = ht(oneway.test(score ~ coll, d)), anova = ht(oneway.test(score ~ coll, d, var.equal = TRUE)),
  hedges_g = es(hedges_g(score ~ coll, data = two)), cohens_d = es(effectsize::cohens_d(score ~ coll, data = two)),
  eta_squared = es(effectsize::eta_squared(aov(score ~ coll, d), alternative = "two.sided", partial = FALSE)),
  omega_squared = es(omega_squared(aov(score ~ coll, d), alternative = "two.sided", partial = FALSE)),
  epsilon_squared = es(epsilon_squared(aov(score ~ coll, d), alternative = "two.sided", partial = FALSE)),
  games_howell = rows(games_howell_test(d, score ~ coll, detailed = TRUE)),
  pooled_t_holm = as.numeric(pairwise.t.test(d$score, d$coll)$p.value))
ranks <- list(
  kruskal = ht(kruskal.test(score ~ coll, d)), kruskal_item = ht(kruskal.test(q1 ~ coll, d)),
  dunn = rows(dunn_test(d, score ~ coll, p.adjust.method = "holm")),
  mann_whitney = ht(wilcox.test(score ~ coll, two)), rank_biserial = es(rank_biserial(score ~ coll, data = two)),
  exact_ties = as.numeric(pvalue(wilcox_test(c(1, 2, 2, 3, 5, 4, 3, 3, 4, 5, 5, 5, 2) ~ factor(rep(1:2, c(6, 7))), distribution = "exact"))),
  exact_no_ties = wilcox.test(c(1.1, 2.2, 3.3, 8), c(1.5, 4, 5, 6, 7))$p.value)
t1 <- table(d$coll, d$cat); t2 <- table(d$sexe, d$cat == "A")
small <- matrix(c(3, 1, 2, 4, 0, 5, 6, 2, 1, 2, 3, 4), 3)
four <- matrix(c(8, 2, 1, 9), 2)
tables <- list(
  chi2 = ht(chisq.test(t1)), residuals = matrix(chisq.test(t1)$stdres, nrow(t1)),
  cramers_v = es(effectsize::cramers_v(t1, adjust = FALSE, alternative = "two.sided")), corrected = es(effectsize::cramers_v(t1, adjust = TRUE))$value,
  yates = ht(chisq.test(t2)), phi = es(effectsize::phi(t2, adjust = FALSE, alternative = "two.sided"))$value,
  fisher_small = fisher.test(small)$p.value, fisher_four = fisher.test(four)$p.value,
  fisher_or = as.numeric(fisher.test(four)$estimate), fisher_ci = as.numeric(fisher.test(four)$conf.int))
d$q <- ordered(d$q1); m1 <- clm(q ~ coll, data = d); m0 <- clm(q ~ 1, data = d)
binary <- clm(q ~ sexe, data = d)
nominal <- nominal_test(binary)
ordinal <- list(log_likelihood = as.numeric(logLik(m1)), lr = 2 * as.numeric(logLik(m1) - logLik(m0)),
  thresholds = as.numeric(m1$alpha), slopes = as.numeric(m1$beta), se = as.numeric(sqrt(diag(vcov(m1)))),
  nominal = list(lrt = nominal$LRT[2], df = nominal$Df[2], p = nominal$`Pr(>Chi)`[2]))
p.adj <- c(0.01, 0.04, 0.03, 0.2, 0.001, NA)
adjust <- list(p = p.adj, holm = p.adjust(p.adj, "holm"), bh = p.adjust(p.adj, "BH"), bonferroni = p.adjust(p.adj, "bonferroni"))

fpc <- svydesign(ids = ~1, strata = ~coll, weights = ~w, fpc = ~pop, data = d)
nofpc <- svydesign(ids = ~1, strata = ~coll, weights = ~w, data = d)
# Mid-ranks that do not depend on the order of the rows, unlike those of svyranktest.
mid <- function(y, w) { at <- tapply(w, y, sum); r <- (cumsum(at) - at / 2) / sum(at); as.numeric(r[as.character(y)]) }
fpc <- update(fpc, r = mid(d$score, d$w)); nofpc <- update(nofpc, r = mid(d$score, d$w))
wald <- function(f, des, terms) { x <- regTermTest(svyglm(f, des), terms); list(f = as.numeric(x$Ftest), df = x$df, ddf = x$ddf, p = as.numeric(x$p)) }
design <- list(
  t = ht(svyttest(score ~ sexe, fpc)), wald_fpc = wald(score ~ coll, fpc, ~coll), wald_nofpc = wald(score ~ coll, nofpc, ~coll),
  rank_t = as.numeric(coef(summary(svyglm(r ~ sexe, fpc)))[2, 3]), rank_wald_fpc = wald(r ~ coll, fpc, ~coll), rank_wald_nofpc = wald(r ~ coll, nofpc, ~coll),
  svyranktest_chi2 = c(as.numeric(svyranktest(score ~ coll, fpc)$parameter), as.numeric(svyranktest(score ~ coll, nofpc)$parameter)),
  rao_scott = ht(svychisq(~coll + cat, nofpc, statistic = "F")), rao_scott_fpc = ht(svychisq(~cat + sexe, fpc, statistic = "F")))
versions <- sapply(c("effectsize", "rstatix", "ordinal", "survey", "coin", "car"), function(p) as.character(packageVersion(p)))
out <- list(versions = c(list(R = R.version.string), as.list(versions)), means = means, ranks = ranks, tables = tables, ordinal = ordinal, adjust = adjust, design = design)
write(toJSON(out, digits = 15, auto_unbox = TRUE, pretty = TRUE, na = "null"), "comparison.json")
