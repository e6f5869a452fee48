# A peer of `make bench-peers` that answers for R packages. Protocol: see driver.py.
suppressWarnings(suppressMessages({
  library(parmigene)
  library(FNN)
  library(energy)
}))

tasks <- list(
  "ksg1 parmigene" = function(x, y) knnmi(x, y, k = 3),
  "ksg1 FNN" = function(x, y) mutinfo(x, y, k = 3),
  "distance energy" = function(x, y) dcor2d(x, y),
  "kendall R" = function(x, y) cor(x, y, method = "kendall"),
  "spearman R" = function(x, y) cor(x, y, method = "spearman")
)

say <- function(...) {
  cat(..., "\n", sep = "")
  flush(stdout())
}

input <- file("stdin", "r")
while (length(line <- readLines(input, n = 1)) > 0) {
  word <- strsplit(line, "\t")[[1]]
  if (word[1] == "versions") {
    version <- function(package) paste(package, packageVersion(package))
    say(paste(c(R.version.string, version("parmigene"), version("FNN"), version("energy")), collapse = ", "))
  } else if (word[1] == "load") {
    n <- as.integer(word[2])
    from <- file(word[3], "rb")
    x <- readBin(from, "double", n)
    y <- readBin(from, "double", n)
    close(from)
    say("ok")
  } else if (word[1] == "run") {
    task <- tasks[[word[2]]]
    start <- proc.time()[["elapsed"]]
    calls <- 0
    # the clock of R has steps of a millisecond: short calls are repeated
    repeat {
      # some give up on ties
      value <- tryCatch(suppressWarnings(task(x, y)), error = function(e) NaN)
      calls <- calls + 1
      taken <- proc.time()[["elapsed"]] - start
      if (taken >= 0.1) break
    }
    say(sprintf("%.9g\t%.17g", taken / calls, value))
  }
}
