# Times one call of the yardstick on a file, reading left out. Rscript compare.R kruskal|lmer file.csv
arguments <- commandArgs(trailingOnly = TRUE)
data <- read.csv(arguments[2], stringsAsFactors = TRUE)
if (arguments[1] == "kruskal") {
  suppressMessages(library(rstatix))
  spent <- system.time({kruskal_test(data, y ~ g); dunn_test(data, y ~ g, p.adjust.method = "holm")})
} else {
  suppressMessages(library(lme4))
  data$g <- factor(data$g)
  spent <- system.time(lmer(y ~ x + (1 | g), data))
}
cat(spent[["elapsed"]])
