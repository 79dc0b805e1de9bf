// exp and log from IEEE 754 basic operations alone, so that a synthetic log is the same bytes on every
// platform and standard library. Within 2 ulp of the true value. Pure, thread-safe.
#pragma once

namespace forestage::models::synthetic {

// e to the x. 0 below -700, infinity above 700.
[[nodiscard]] double portable_exp(double x) noexcept;

// Natural logarithm. Precondition: x is finite, normal and above 0.
[[nodiscard]] double portable_log(double x) noexcept;

} // namespace forestage::models::synthetic
