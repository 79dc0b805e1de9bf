#include "models/errc.hpp"

namespace forestage::models {

std::string_view to_string(errc code) noexcept {
  switch (code) {
  case errc::ok:
    return "ok";
  case errc::invalid_argument:
    return "invalid argument";
  case errc::invalid_data:
    return "invalid data";
  case errc::not_found:
    return "not found";
  case errc::position_conflict:
    return "position conflict";
  case errc::storage_failed:
    return "storage failed";
  case errc::locked:
    return "locked";
  case errc::incompatible:
    return "incompatible";
  case errc::limit_exceeded:
    return "limit exceeded";
  case errc::interrupted:
    return "interrupted";
  case errc::timeout:
    return "timeout";
  case errc::internal:
    return "internal error";
  case errc::not_permitted:
    return "not permitted";
  case errc::unavailable:
    return "unavailable";
  }
  return "unknown error";
}

} // namespace forestage::models
