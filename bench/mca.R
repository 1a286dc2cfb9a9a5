# One timed FactoMineR::MCA() of the file named on the command line; prints the seconds of the call, then an eigenvalue.
suppressMessages(library(FactoMineR))
answers <- read.csv(commandArgs(TRUE)[1], colClasses = "factor")
seconds <- system.time(found <- MCA(answers, ncp = 5, graph = FALSE))
cat(format(c(seconds[["elapsed"]], found$eig[1, 1]), digits = 15), "\n")
