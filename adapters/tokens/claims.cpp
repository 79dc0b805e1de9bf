#include "adapters/tokens/claims.hpp"

#include "models/glob.hpp"
#include "models/ids.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <ctime>

namespace forestage::tokens {

using models::errc;
using models::status;
using nlohmann::json;

namespace {

struct role_name {
  std::string_view name;
  bool token_claims::*is;
};
constexpr std::array roles{role_name{"requester", &token_claims::requester},
                           role_name{"provider", &token_claims::provider},
                           role_name{"operator", &token_claims::operates}};

status check_text(const char* claim, std::string_view text, std::size_t least, std::size_t most) {
  if (text.size() < least || text.size() > most)
    return {errc::invalid_argument, std::string{claim} + " has " + std::to_string(text.size()) +
                                        " bytes; it must have " + std::to_string(least) + " to " +
                                        std::to_string(most)};
  if (!models::is_utf8(text)) return {errc::invalid_argument, std::string{claim} + " is not valid UTF-8"};
  return models::success();
}

status check_time(const char* claim, std::int64_t seconds) {
  if (seconds >= 0 && seconds <= last_second) return models::success();
  return {errc::invalid_argument, std::string{claim} + " must be unix seconds up to the year 9999"};
}

models::error wrong(const char* claim, const char* expected) {
  return {errc::invalid_data, std::string{"the claim "} + claim + " must be " + expected};
}

// Reading, claim by claim: the first thing that is wrong stays.
struct reader {
  const json& object;
  status state = models::success();

  void fail(models::error failure) {
    if (state) state = std::move(failure);
  }
  void text(const char* claim, std::string& into) {
    const auto at = object.find(claim);
    if (at == object.end()) return;
    if (!at->is_string()) return fail(wrong(claim, "a text"));
    into = at->get_ref<const std::string&>();
  }
  void time(const char* claim, std::int64_t& into) {
    const auto at = object.find(claim);
    if (at == object.end()) return;
    if (!at->is_number_integer()) return fail(wrong(claim, "a whole number of unix seconds"));
    // An unsigned number that is too large for the signed type is far beyond what is allowed.
    into = at->is_number_unsigned() && at->get<std::uint64_t>() > static_cast<std::uint64_t>(last_second)
               ? last_second + 1
               : at->get<std::int64_t>();
  }
  void list(const char* claim, std::vector<std::string>& into) {
    const auto at = object.find(claim);
    if (at == object.end()) return;
    if (!at->is_array()) return fail(wrong(claim, "an array of texts"));
    for (const auto& item : *at) {
      if (!item.is_string()) return fail(wrong(claim, "an array of texts"));
      into.push_back(item.get_ref<const std::string&>());
    }
  }
};

} // namespace

bool token_claims::may_acquire(std::string_view resource) const {
  return std::any_of(resources.begin(), resources.end(),
                     [&](const auto& glob) { return models::matches_glob(glob, resource); });
}

status validate(const token_claims& c) {
  if (auto s = check_text("the peer's id (sub)", c.peer, 1, models::max_name_bytes); !s) return s;
  if (auto s = check_text("the region", c.region, 0, models::max_name_bytes); !s) return s;
  if (auto s = check_text("the cluster's name (aud)", c.cluster, 1, models::max_name_bytes); !s) return s;
  if (auto s = check_text("the token's id (jti)", c.id, 1, max_token_id_bytes); !s) return s;
  if (!c.requester && !c.provider && !c.operates)
    return {errc::invalid_argument, "a token needs a role: requester, provider or operator"};
  if (c.resources.size() > max_globs)
    return {errc::invalid_argument, std::to_string(c.resources.size()) +
                                        " patterns of resources; at most 64 fit, and * in them covers more"};
  for (const auto& glob : c.resources)
    if (auto s = check_text("a pattern of resources", glob, 1, models::max_name_bytes); !s) return s;
  if (auto s = check_time("exp", c.expires); !s) return s;
  if (auto s = check_time("nbf", c.not_before); !s) return s;
  if (auto s = check_time("iat", c.issued); !s) return s;
  if (c.expires == 0) return {errc::invalid_argument, "a token must expire (exp), for instance in an hour"};
  if (c.expires <= c.not_before || c.expires <= c.issued)
    return {errc::invalid_argument, "a token must expire (exp) after it begins (nbf, iat)"};
  return models::success();
}

status add_role(token_claims& claims, std::string_view role) {
  for (const auto& known : roles)
    if (known.name == role) {
      claims.*known.is = true;
      return models::success();
    }
  return {errc::invalid_argument,
          "'" + std::string{role} + "' is not a role; roles are requester, provider and operator"};
}

std::string roles_text(const token_claims& claims) {
  std::string text;
  for (const auto& known : roles)
    if (claims.*known.is) text += (text.empty() ? "" : ", ") + std::string{known.name};
  return text;
}

std::string to_json(const token_claims& c) {
  nlohmann::ordered_json out{{"sub", c.peer}, {"aud", c.cluster}, {"jti", c.id}};
  for (const auto& known : roles)
    if (c.*known.is) out["roles"].push_back(known.name);
  if (!c.resources.empty()) out["resources"] = c.resources;
  if (!c.region.empty()) out["region"] = c.region;
  if (c.may_report) out["scope"] = "report";
  if (c.issued != 0) out["iat"] = c.issued;
  if (c.not_before != 0) out["nbf"] = c.not_before;
  out["exp"] = c.expires;
  // What is not UTF-8 is replaced rather than thrown at: validate has the say.
  return out.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

models::result<token_claims> claims_from_json(std::string_view text, std::string_view cluster) {
  const auto object = json::parse(text, nullptr, false);
  if (!object.is_object())
    return {errc::invalid_data, "the token's claims are not a JSON object in UTF-8; get a new token"};
  token_claims c;
  reader from{object};
  from.text("sub", c.peer);
  from.text("region", c.region);
  from.text("jti", c.id);
  from.list("resources", c.resources);
  from.time("exp", c.expires);
  from.time("nbf", c.not_before);
  from.time("iat", c.issued);
  std::vector<std::string> named, audiences;
  from.list("roles", named);
  for (const auto& role : named)
    if (auto s = add_role(c, role); !s) from.fail({errc::invalid_data, s.failure().text});
  std::string scopes;
  from.text("scope", scopes);
  c.may_report = (" " + scopes + " ").find(" report ") != std::string::npos;
  if (const auto aud = object.find("aud"); aud != object.end() && aud->is_string())
    audiences.push_back(aud->get_ref<const std::string&>());
  else
    from.list("aud", audiences);
  if (!from.state) return from.state.failure();
  if (std::find(audiences.begin(), audiences.end(), cluster) == audiences.end())
    return {errc::not_permitted,
            audiences.empty()
                ? "the token names no cluster (aud); it must name " + std::string{cluster}
                : "the token is for the cluster '" + audiences.front().substr(0, models::max_name_bytes) +
                      "' (aud), not for '" + std::string{cluster} + "'; get one for this cluster"};
  c.cluster = cluster;
  if (auto s = validate(c); !s) return models::error{errc::invalid_data, s.failure().text};
  return c;
}

std::string time_text(std::int64_t unix_seconds) {
  const auto time = static_cast<std::time_t>(unix_seconds);
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  std::array<char, 32> text{};
  const auto size = std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S UTC", &parts);
  return {text.data(), size};
}

} // namespace forestage::tokens
