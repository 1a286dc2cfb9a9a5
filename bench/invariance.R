# One timed ladder of invariance by lavaan on the file named on the command line: four fits and their measures.
# Prints the seconds of the calls alone, then the chi2 of the four models.
suppressMessages(library(lavaan))
answers <- read.csv(commandArgs(TRUE)[1])
model <- "f1 =~ q1 + q2 + q3 + q4 + q5\nf2 =~ q6 + q7 + q8 + q9 + q10"
equal <- list("", "loadings", c("loadings", "intercepts"), c("loadings", "intercepts", "residuals"))
climb <- function() lapply(equal, function(parts) {
  fit <- cfa(model, data = answers, group = "group", group.equal = parts, std.lv = TRUE)
  fitMeasures(fit, c("chisq", "df", "pvalue", "cfi", "tli", "rmsea", "srmr"))
})
seconds <- system.time(found <- climb())
cat(format(c(seconds[["elapsed"]], sapply(found, function(measures) measures[["chisq"]])), digits = 15), "\n")
