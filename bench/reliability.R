# One timed psych::alpha() of the file named on the command line; prints the seconds of the call alone, then alpha.
suppressMessages(library(psych))
answers <- read.csv(commandArgs(TRUE)[1])
seconds <- system.time(found <- alpha(answers, warnings = FALSE))
cat(format(c(seconds[["elapsed"]], found$total$raw_alpha), digits = 15), "\n")
