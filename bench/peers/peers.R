# Forecasts by the R package forecast (Hyndman et al.), one method a process so that its cost can be measured.
#
#   Rscript --vanilla peers.R METHOD SERIES PLAN OUT HORIZON SEASONS QUANTILES HISTORY
#
# SERIES: id,values (values blank-separated). PLAN: series,origin with a header; an origin is the number of observations
# that the forecast may see. OUT: series,origin,step,mean,q... . HISTORY: at most so many observations before an origin.
# A fit that fails is the seasonal naive one, and counted: the last line of standard output is `fits fallbacks`.
suppressMessages(library(forecast))
a <- commandArgs(TRUE)
method <- a[1]
horizon <- as.integer(a[5])
seasons <- as.integer(strsplit(a[6], ",")[[1]])
quantiles <- as.numeric(strsplit(a[7], ",")[[1]])
history <- as.integer(a[8])

lines <- readLines(a[2])[-1]
cut_at <- regexpr(",[^,]*$", lines)
series <- lapply(strsplit(substring(lines, cut_at + 1), " "), as.numeric)
names(series) <- substring(lines, 1, cut_at - 1)
plan <- read.csv(a[3], colClasses = c("character", "integer"))

# The quantile q above the median is the upper end of the interval of level 200 q - 100; below it, the lower one.
levels <- sort(unique(round(abs(200 * quantiles - 100), 6)))
levels <- levels[levels > 0]
bands <- function(f) {
  middle <- as.numeric(f$mean)
  sapply(quantiles, function(q) {
    if (q == 0.5) return(middle)
    at <- which.min(abs(levels - abs(200 * q - 100)))
    if (q > 0.5) as.numeric(f$upper[, at]) else as.numeric(f$lower[, at])
  })
}

# A second season only where it is seen twice.
in_use <- function(x) if (length(x) >= 2 * seasons[2]) seasons else seasons[1]
as_log <- function(x) msts(log1p(x), seasonal.periods = in_use(x))

# Naive2 of the M4 competition: the last value, adjusted multiplicatively when the season is significant at 90 %.
naive2 <- function(x) {
  period <- seasons[1]
  significant <- FALSE
  if (length(x) >= 3 * period) {
    r <- acf(x, plot = FALSE, lag.max = length(x) - 1)$acf[-1]
    limit <- 1.645 / sqrt(length(x)) * sqrt(1 + 2 * cumsum(c(0, r[-length(r)]^2)))
    significant <- abs(r[period]) > limit[period]
  }
  factors <- rep(1, period)
  if (significant) {
    parts <- decompose(ts(x, frequency = period), type = "multiplicative")
    factors <- as.numeric(tail(parts$seasonal, period))
    x <- x / as.numeric(parts$seasonal)
  }
  f <- naive(ts(x), h = horizon, level = levels)
  times <- rep(factors, length.out = horizon)
  bands(f) * times
}

methods <- list(
  snaive = function(x) bands(snaive(ts(x, frequency = seasons[1]), h = horizon, level = levels)),
  naive2 = naive2,
  thetaf = function(x) bands(thetaf(ts(x, frequency = seasons[1]), h = horizon, level = levels)),
  mstl_ets = function(x) expm1(bands(stlf(as_log(x), h = horizon, method = "ets", level = levels))),
  harmonic_arma = function(x) {
    z <- as_log(x)
    k <- c(6, 4)[seq_along(in_use(x))]
    g <- Arima(as.numeric(z), order = c(2, 0, 1), xreg = fourier(z, K = k), method = "CSS")
    expm1(bands(forecast(g, xreg = fourier(z, K = k, h = horizon), level = levels)))
  },
  tbats = function(x) bands(forecast(tbats(msts(x, seasonal.periods = in_use(x)), use.parallel = FALSE),
                                     h = horizon, level = levels))
)
if (is.null(methods[[method]])) stop("no method ", method, "; there are ", paste(names(methods), collapse = ", "))

out <- file(a[4], "w")
writeLines(paste(c("series", "origin", "step", "mean", paste0("q", quantiles)), collapse = ","), out)
fallbacks <- 0
for (i in seq_len(nrow(plan))) {
  name <- plan$series[i]
  origin <- plan$origin[i]
  x <- tail(series[[name]][seq_len(origin)], history)
  r <- tryCatch(suppressWarnings(methods[[method]](x)), error = function(e) {
    message(name, " at ", origin, ": ", conditionMessage(e))
    NULL
  })
  if (is.null(r) || !all(is.finite(r))) {
    fallbacks <- fallbacks + 1
    r <- suppressWarnings(methods$snaive(x))
  }
  r <- pmax(r, 0) # counts
  cells <- matrix(format(r, digits = 7, trim = TRUE, scientific = TRUE), nrow = horizon)
  middle <- cells[, which.min(abs(quantiles - 0.5))]
  writeLines(do.call(paste, c(list(name, origin, seq_len(horizon), middle), as.data.frame(cells), sep = ",")), out)
}
close(out)
cat(nrow(plan), fallbacks, "\n")
