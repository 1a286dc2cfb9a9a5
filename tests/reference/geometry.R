# Goldens of the geometry room: CA, MCA (weights, missing answers, excluded categories), catdes, HCPC, adjusted rates.
# Run from this folder: Rscript geometry.R
suppressMessages({library(FactoMineR); library(ca); library(jsonlite)})
d <- read.csv("data.csv")
read <- function(name) { x <- read.csv(name, colClasses = "character"); as.data.frame(lapply(x, factor)) }
x <- read("mca.csv"); xn <- read("mca_na.csv")
named <- function(m) { m <- as.matrix(m); lapply(split(m, row(m)), as.numeric) |> setNames(rownames(m)) }
first <- function(m) unname(as.matrix(m)[1:10, ])
describe <- function(r) list(eigenvalues = as.numeric(r$eig[, 1]), coord = named(r$var$coord), contrib = named(r$var$contrib),
  cos2 = named(r$var$cos2), v_test = named(r$var$v.test), eta2 = named(r$var$eta2), individuals = first(r$ind$coord),
  sup_coord = named(r$quali.sup$coord), sup_cos2 = named(r$quali.sup$cos2), sup_v_test = named(r$quali.sup$v.test),
  sup_eta2 = named(r$quali.sup$eta2))
plain <- MCA(x, quali.sup = 1, graph = FALSE, ncp = 5)
weighted <- MCA(x, quali.sup = 1, graph = FALSE, ncp = 5, row.w = d$w)
holes <- MCA(xn, quali.sup = 1, graph = FALSE, ncp = 5)
levels_na <- rownames(holes$var$coord)
specific <- MCA(xn, quali.sup = 1, graph = FALSE, ncp = 5, excl = which(levels_na == "cat.NA"))
junk <- MCA(x, quali.sup = 1, graph = FALSE, ncp = 5, excl = which(rownames(plain$var$coord) %in% c("<2", "A")))
projected <- MCA(x, quali.sup = 1, ind.sup = 601:609, graph = FALSE, ncp = 5)
quanti <- MCA(cbind(x, score = d$score), quali.sup = 1, quanti.sup = 6, graph = FALSE, ncp = 5)
adjusted <- mjca(x[, 2:5], lambda = "adjusted")
h <- HCPC(plain, nb.clust = 3, graph = FALSE, consol = TRUE)
raw <- HCPC(plain, nb.clust = 3, graph = FALSE, consol = FALSE)
auto <- HCPC(plain, nb.clust = -1, graph = FALSE, consol = TRUE)
described <- function(l) lapply(l, function(m) if (is.null(m)) NULL else named(m))
categories <- catdes(x, 1, proba = 1); numbers <- catdes(cbind(x[, 1, drop = FALSE], score = d$score), 1, proba = 1)
tab <- unclass(table(d$coll, d$anc)); age <- unclass(table(d$coll, x$age4)); class(age) <- "matrix"
big <- cbind(tab, age); c1 <- CA(as.data.frame(unclass(big)), col.sup = 4:7, row.sup = 6, graph = FALSE)
out <- list(versions = list(R = R.version.string, FactoMineR = as.character(packageVersion("FactoMineR")),
    ca = as.character(packageVersion("ca"))),
  plain = describe(plain), weighted = describe(weighted), holes = describe(holes), specific = describe(specific),
  junk = describe(junk), projected = unname(as.matrix(projected$ind.sup$coord)), quanti = as.numeric(quanti$quanti.sup$coord),
  adjusted = list(inertia = adjusted$sv^2, share = adjusted$inertia.e, total = adjusted$inertia.t),
  hcpc = list(classes = as.integer(h$data.clust$clust), sizes = as.integer(table(h$data.clust$clust)),
    before = as.integer(table(raw$data.clust$clust)), auto = length(unique(auto$data.clust$clust)),
    heights = as.numeric(rev(h$call$t$tree$height)[1:20]), within = as.numeric(h$call$t$within[1:10]),
    parangons = lapply(h$desc.ind$para, function(p) names(p)), category = described(h$desc.var$category)),
  catdes = list(category = described(categories$category), quanti = described(numbers$quanti)),
  ca = list(eigenvalues = as.numeric(c1$eig[, 1]), row = named(c1$row$coord), row_contrib = named(c1$row$contrib),
    row_cos2 = named(c1$row$cos2), col = named(c1$col$coord), col_contrib = named(c1$col$contrib), col_cos2 = named(c1$col$cos2),
    row_sup = named(c1$row.sup$coord), col_sup = named(c1$col.sup$coord)))
write_json(out, "geometry.json", digits = 15, auto_unbox = TRUE, pretty = TRUE)
