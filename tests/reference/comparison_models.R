# Goldens of the models with few partners, random intercepts and ordinal outcomes. Run from this folder: Rscript comparison_models.R
suppressMessages({library(lme4); library(lmerTest); library(ordinal); library(clubSandwich); library(jsonlite)})
d <- read.csv("data.csv"); d$coll <- factor(d$coll); d$sexe <- factor(d$sexe); w <- read.csv("waves.csv")
table_of <- function(x) { x <- as.data.frame(x); list(term = rownames(x), estimate = x$beta, se = x$SE, t = x$tstat,
  df = if (is.null(x$df_Satt)) x$df_t else x$df_Satt, p = if (is.null(x$p_Satt)) x$p_t else x$p_Satt) }
lm1 <- lm(score ~ treat * wave, data = w); lm2 <- lm(score ~ sexe + age, data = d)
cluster <- function(m, g) list(cr2 = table_of(coef_test(m, vcov = "CR2", cluster = g)), cr3 = table_of(coef_test(m, vcov = "CR3", cluster = g, test = "naive-t")))
m <- lmer(score ~ sexe + age + (1 | coll), d); m0 <- lmer(score ~ 1 + (1 | coll), d)
s <- coef(summary(m)); ci <- confint(m, parm = c(".sig01", ".sigma"), method = "profile", quiet = TRUE)
re <- as.data.frame(ranef(m0, condVar = TRUE))
mixed <- list(tau2 = as.data.frame(VarCorr(m))$vcov[1], sigma2 = as.data.frame(VarCorr(m))$vcov[2], log_likelihood = as.numeric(logLik(m)),
  estimate = as.numeric(s[, 1]), se = as.numeric(s[, 2]), df = as.numeric(s[, 3]), tau_interval = as.numeric(ci[1, ]), sigma_interval = as.numeric(ci[2, ]),
  null = list(intercept = as.numeric(fixef(m0)), tau2 = as.data.frame(VarCorr(m0))$vcov[1], effect = re$condval, se = re$condsd, group = as.character(re$grp)))
d$q <- ordered(d$q1)
c1 <- clm(q ~ sexe + age, data = d); nt <- nominal_test(c1)
mm <- function(f) list(log_likelihood = as.numeric(f$logLik), estimate = as.numeric(coef(f)), se = as.numeric(coef(summary(f))[, 2]),
  tau2 = as.numeric(unlist(VarCorr(f))[1]), effect = as.numeric(ranef(f)$coll[, 1]))
ordinal <- list(log_likelihood = as.numeric(logLik(c1)), estimate = as.numeric(coef(c1)), se = as.numeric(coef(summary(c1))[, 2]),
  lrt = nt$LRT[2:3], lrt_df = nt$Df[2:3], predict = as.numeric(predict(c1, newdata = data.frame(sexe = factor("F", levels = c("F", "H")), age = 40))$fit),
  laplace = mm(clmm(q ~ sexe + age + (1 | coll), data = d, control = clmm.control(gradTol = 1e-9))), agq7 = mm(clmm(q ~ sexe + age + (1 | coll), data = d, nAGQ = 7)))
versions <- sapply(c("lme4", "lmerTest", "ordinal", "clubSandwich"), function(p) as.character(packageVersion(p)))
out <- list(versions = c(list(R = R.version.string), as.list(versions)), waves = cluster(lm1, w$coll), survey = cluster(lm2, d$coll), mixed = mixed, ordinal = ordinal)
write(toJSON(out, digits = 15, auto_unbox = TRUE, pretty = TRUE, na = "null"), "comparison_models.json")
