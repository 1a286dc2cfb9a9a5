# Goldens of the scales room: alpha, omega, item table, test-retest, validity, polychoric, ordinal omega.
# Run from this folder: Rscript reliability.R
suppressMessages({library(psych); library(lavaan); library(jsonlite)})
d <- read.csv("data.csv"); m <- read.csv("data_na.csv"); w <- read.csv("waves.csv")
q <- paste0("q", 1:5); s1 <- d[, q]

describe_alpha <- function(x, ...) {
  a <- suppressWarnings(alpha(x, ...))
  list(alpha = a$total$raw_alpha, std_alpha = a$total$std.alpha,
       feldt = as.list(unlist(a$feldt)), ase = a$total$ase,
       item_rest = as.list(setNames(a$item.stats$r.drop, rownames(a$item.stats))),
       raw_r = as.list(setNames(a$item.stats$raw.r, rownames(a$item.stats))),
       mean = as.list(setNames(a$item.stats$mean, rownames(a$item.stats))),
       sd = as.list(setNames(a$item.stats$sd, rownames(a$item.stats))),
       n = as.list(setNames(a$item.stats$n, rownames(a$item.stats))),
       alpha_if_dropped = as.list(setNames(a$alpha.drop$raw_alpha, sub("-$", "", rownames(a$alpha.drop)))))
}
omega_of <- function(x, estimator) {
  k <- ncol(x); l <- paste0("l", 1:k); t <- paste0("t", 1:k)
  model <- paste0("f =~ ", paste0(l, "*", names(x), collapse = " + "), "\n",
    paste0(names(x), " ~~ ", t, "*", names(x), collapse = "\n"),
    "\nomega := (", paste(l, collapse = "+"), ")^2 / ((", paste(l, collapse = "+"), ")^2 + ", paste(t, collapse = "+"), ")")
  f <- cfa(model, data = x, std.lv = TRUE, estimator = estimator)
  p <- parameterEstimates(f); o <- p[p$label == "omega", ]
  list(omega = o$est, se = o$se, loadings = p$est[p$op == "=~"], residuals = p$est[p$op == "~~"][1:k])
}
reversed <- s1; reversed$q2 <- 6 - reversed$q2
icc <- function(x) { r <- suppressWarnings(ICC(x, lmer = FALSE))$results
  list(type = r$type, icc = r$ICC, low = r$`lower bound`, high = r$`upper bound`, f = r$F) }
ww <- reshape(w[, c("id", "score", "wave")], idvar = "id", timevar = "wave", direction = "wide")
ww <- na.omit(ww[, 2:3])

cfa2 <- cfa(paste0("f1 =~ ", paste0("q", 1:5, collapse = "+"), "\nf2 =~ ", paste0("q", 6:10, collapse = "+")), data = d, std.lv = TRUE)
std <- standardizedSolution(cfa2); lam <- std$est.std[std$op == "=~"]
R <- cor(d[, paste0("q", 1:10)]); A <- abs(R)
mono <- function(i) mean(A[i, i][lower.tri(A[i, i])])
htmt <- mean(A[1:5, 6:10]) / sqrt(mono(1:5) * mono(6:10))

fo <- cfa("f =~ q1+q2+q3+q4+q5", data = s1, std.lv = TRUE, ordered = q, estimator = "ULSMV")
po <- parameterEstimates(fo); lo <- po$est[po$op == "=~"]
th <- lavInspect(fo, "th"); pc <- lavCor(s1, ordered = q); implied <- outer(lo, lo); diag(implied) <- 1
green_yang <- function(lo, implied, th) {
  cuts <- split(th, sub("\\|.*", "", names(th)))[q]
  e <- function(rho, a, b) sum(outer(a, b, Vectorize(function(x, y) pbivnorm::pbivnorm(x, y, rho))))
  num <- den <- 0
  for (i in 1:5) for (j in 1:5) {
    pi <- pnorm(cuts[[i]]); pj <- pnorm(cuts[[j]])
    cross <- sum(pi) * sum(pj)
    num <- num + e(min(lo[i] * lo[j], 1), cuts[[i]], cuts[[j]]) - cross
    den <- den + (if (i == j) sum(outer(pi, pi, pmin)) else e(implied[i, j], cuts[[i]], cuts[[j]])) - cross
  }
  num / den
}
poly10 <- unclass(lavCor(d[, paste0("q", 1:10)], ordered = paste0("q", 1:10)))

out <- list(
  versions = list(R = R.version.string, psych = as.character(packageVersion("psych")), lavaan = as.character(packageVersion("lavaan"))),
  complete = describe_alpha(s1), listwise = describe_alpha(na.omit(m[, q])), pairwise = describe_alpha(m[, q]),
  reversed = describe_alpha(reversed, keys = c(1, -1, 1, 1, 1)),
  omega_ml = omega_of(s1, "ML"), omega_mlr = omega_of(s1, "MLR"), omega_na = omega_of(na.omit(m[, q]), "ML"),
  two_items = list(r = cor(d$q1, d$q2), spearman_brown = 2 * cor(d$q1, d$q2) / (1 + cor(d$q1, d$q2))),
  icc = icc(ww), icc_n = nrow(ww),
  validity = list(loadings = lam, ave = c(mean(lam[1:5]^2), mean(lam[6:10]^2)), htmt = htmt, factor_r = std$est.std[std$lhs == "f1" & std$rhs == "f2"]),
  polychoric = poly10, thresholds = as.list(lavInspect(fo, "th")),
  ordinal_omega = list(loadings = lo, green_yang = green_yang(lo, implied, th), green_yang_observed = green_yang(lo, unclass(pc), th),
    latent = sum(lo)^2 / (sum(lo)^2 + sum(1 - lo^2)))
)
write(toJSON(out, digits = 15, auto_unbox = TRUE, pretty = TRUE), "reliability.json")
