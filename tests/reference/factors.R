# Goldens of the exploratory factor analysis: extraction, rotations, adequacy, eigenvalues.
# Run from this folder: Rscript factors.R
suppressMessages({library(psych); library(GPArotation); library(jsonlite)})
d <- read.csv("data.csv"); x <- d[, paste0("q", 1:10)]; R <- cor(x)
rows <- function(m) unname(lapply(seq_len(nrow(m)), function(i) unname(m[i, ])))
ml <- factanal(x, 2, rotation = "none", control = list(opt = list(factr = 1e-2, maxit = 5000)))
L <- unclass(ml$loadings)[, ]
vm <- varimax(L, normalize = TRUE, eps = 1e-12)
pm <- promax(vm$loadings, m = 4)
ob <- GPArotation::oblimin(L, gam = 0, normalize = FALSE, eps = 1e-10, maxit = 10000)
minres <- fa(x, 2, fm = "minres", rotate = "none")
psych_ml <- fa(x, 2, fm = "ml", rotate = "oblimin")
psych_minres <- fa(x, 2, fm = "minres", rotate = "oblimin")
kmo <- KMO(R); b <- cortest.bartlett(R, n = nrow(d))
U <- solve(pm$rotmat)
out <- list(
  versions = list(R = R.version.string, psych = as.character(packageVersion("psych")), GPArotation = as.character(packageVersion("GPArotation"))),
  ml = list(loadings = rows(L), uniquenesses = unname(ml$uniquenesses), statistic = unname(ml$STATISTIC), dof = ml$dof),
  varimax = rows(unclass(vm$loadings)), promax = list(loadings = rows(unclass(pm$loadings)), phi = rows(U %*% t(U))),
  oblimin = list(loadings = rows(ob$loadings), phi = rows(ob$Phi)),
  minres = list(loadings = rows(unclass(minres$loadings)), communality = unname(minres$communality)),
  psych_ml = list(communality = unname(psych_ml$communality), loadings = rows(unclass(psych_ml$loadings)), phi = rows(psych_ml$Phi), rmsea = psych_ml$RMSEA[["RMSEA"]], tli = psych_ml$TLI, chi = psych_ml$STATISTIC, dof = psych_ml$dof),
  psych_minres = list(loadings = rows(unclass(psych_minres$loadings)), phi = rows(psych_minres$Phi)),
  kmo = list(overall = kmo$MSA, items = unname(kmo$MSAi)), bartlett = list(chi2 = b$chisq, df = b$df, p = b$p.value),
  eigenvalues = eigen(R)$values
)
write(toJSON(out, digits = 15, auto_unbox = TRUE, pretty = TRUE), "factors.json")
