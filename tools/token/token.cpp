#include "tools/token/token.hpp"

#include "adapters/tokens/token.hpp"
#include "models/units.hpp"
#include "tools/console/streams.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

namespace forestage::tools {

namespace {

using models::errc;
using models::error;

constexpr auto default_keys = "./forestage-data/keys";

std::int64_t now_seconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

int failed(const error& failure) {
  console::say("forestage token: " + failure.text);
  return failure.code == errc::invalid_argument ? 2 : 1;
}

int printed(const std::string& text) {
  const auto done = console::print(text);
  return done ? 0 : failed(done.failure());
}

// "1h" as seconds, at least `least`. Errors: invalid_argument, naming the option.
models::result<std::int64_t> seconds_of(const std::string& option, const std::string& text,
                                        std::int64_t least, std::int64_t most) {
  const auto parsed = models::parse_milliseconds(text);
  if (!parsed) return error{errc::invalid_argument, option + ": " + parsed.failure().text};
  if (parsed.value() < least * 1'000 || parsed.value() > most * 1'000 || parsed.value() % 1'000 != 0)
    return error{errc::invalid_argument, option + " must be whole seconds from " +
                                             models::milliseconds_text(least * 1'000) + " to " +
                                             models::milliseconds_text(most * 1'000)};
  return parsed.value() / 1'000;
}

struct issue_options {
  std::string peer, region, keys = default_keys, kid, cluster = "forestage", expires = "1h";
  std::vector<std::string> roles{"requester"}, resources{"*"}, scopes;
};

models::result<std::string> issue(const issue_options& o) {
  tokens::token_claims claims;
  claims.peer = o.peer;
  claims.region = o.region;
  claims.cluster = o.cluster;
  claims.resources = o.resources;
  for (const auto& role : o.roles)
    if (auto s = tokens::add_role(claims, role); !s)
      return error{errc::invalid_argument, "--role: " + s.failure().text};
  claims.may_report = !o.scopes.empty();
  const auto lasts = seconds_of("--expires", o.expires, 1, 3'650LL * 86'400);
  if (!lasts) return lasts.failure();
  auto id = tokens::random_hex(16);
  if (!id) return id.failure();
  claims.id = std::move(id).value();
  claims.issued = now_seconds();
  claims.expires = claims.issued + lasts.value();
  if (auto valid = tokens::validate(claims); !valid) return valid.failure();
  const auto ring = tokens::key_ring::load(o.keys, tokens::key_use::issue);
  if (!ring) return ring.failure();
  const auto kid = ring.value().issuer(o.kid);
  if (!kid) return kid.failure();
  return tokens::issue(ring.value(), kid.value(), claims);
}

void add_issue(CLI::App& token, int& exit_code) {
  auto o = std::make_shared<issue_options>();
  auto& command =
      *token.add_subcommand("issue", "A signed token for a peer or an operator, on standard output");
  const auto each = [](CLI::Option* option) { option->expected(1)->take_all()->allow_extra_args(false); };
  command.add_option("--peer", o->peer, "the peer's id, at most 256 bytes")->required()->type_name("ID");
  each(command.add_option("--role", o->roles, "requester, provider or operator (repeatable)")
           ->type_name("ROLE")
           ->default_str("requester"));
  command.add_option("--region", o->region, "where the peer is (default: it says so itself)")
      ->type_name("REGION");
  each(command
           .add_option("--resources", o->resources, "what it may acquire, * and ? are patterns (repeatable)")
           ->type_name("GLOB")
           ->default_str("*"));
  each(command
           .add_option("--scope", o->scopes, "report: what it reports counts like what the node saw itself")
           ->check(CLI::IsMember({"report"})));
  command.add_option("--expires", o->expires, "how long it is valid, such as 30m, 1h or 7d")
      ->type_name("DURATION")
      ->capture_default_str();
  command.add_option("--cluster", o->cluster, "which cluster it is for: cluster.name of its configuration")
      ->type_name("NAME")
      ->capture_default_str();
  command.add_option("--keys", o->keys, "directory of keys")->type_name("DIR")->capture_default_str();
  command.add_option("--kid", o->kid, "which key signs (default: the only one that can)")->type_name("KEY");
  command.footer(
      "A short life is the only way to take a token back: it cannot be revoked, but its key can be removed.\n"
      "Examples:\n"
      "  forestage token issue --peer alice --resources 'room/*'\n"
      "      may ask for rooms, for an hour\n"
      "  forestage token issue --peer relay-7 --role provider --region eu --scope report --expires 7d\n"
      "  forestage token issue --peer ops --role operator --expires 15m");
  command.callback([o, &exit_code] {
    const auto made = issue(*o);
    exit_code = made ? printed(made.value() + "\n") : failed(made.failure());
  });
}

struct verify_command {
  std::string token, keys = default_keys, cluster = "forestage", skew = "60s", output = "table";
};

// Standard input up to one token and a little more, without blanks around.
models::result<std::string> token_from_input() {
  std::string text(tokens::max_token_bytes + 64, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), stdin));
  if (std::ferror(stdin) != 0) return error{errc::storage_failed, "standard input cannot be read"};
  constexpr auto blanks = " \t\r\n";
  const auto begin = text.find_first_not_of(blanks);
  if (begin == std::string::npos)
    return error{
        errc::invalid_argument,
        "standard input is empty; pipe a token into it: forestage token issue … | forestage token verify -"};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

// Control characters would reach the terminal.
std::string visible(const std::string& text) {
  std::string out = text;
  for (auto& c : out)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return out;
}

std::string table(const tokens::token_claims& c, std::int64_t now) {
  std::string resources;
  for (const auto& glob : c.resources)
    resources += (resources.empty() ? "" : ", ") + visible(glob);
  const auto line = [](const char* name, const std::string& text) {
    std::string label{name};
    label.resize(11, ' ');
    return label + text + "\n";
  };
  const auto left = c.expires - now;
  return line("peer", visible(c.peer)) + line("roles", tokens::roles_text(c)) +
         line("region", c.region.empty() ? "(the peer says so)" : visible(c.region)) +
         line("resources", resources.empty() ? "(none)" : resources) +
         line("scope", c.may_report ? "report" : "(none)") + line("cluster", visible(c.cluster)) +
         line("id", visible(c.id)) + (c.issued == 0 ? "" : line("issued", tokens::time_text(c.issued))) +
         (c.not_before == 0 ? "" : line("from", tokens::time_text(c.not_before))) +
         line("expires",
              tokens::time_text(c.expires) +
                  (left > 0 ? " (in " + models::milliseconds_text(left * 1'000) + ")" : " (just now)"));
}

int verify(const verify_command& o) {
  const auto skew = seconds_of("--skew", o.skew, 0, 3'600);
  if (!skew) return failed(skew.failure());
  const auto text = o.token == "-" ? token_from_input() : models::result<std::string>{o.token};
  if (!text) return failed(text.failure());
  const auto ring = tokens::key_ring::load(o.keys, tokens::key_use::verify);
  if (!ring) return failed(ring.failure());
  const auto now = now_seconds();
  const auto claims = tokens::verify(ring.value(), text.value(), now, {o.cluster, skew.value()});
  if (!claims) return failed(claims.failure());
  return printed(o.output == "json" ? tokens::to_json(claims.value()) + "\n" : table(claims.value(), now));
}

void add_verify(CLI::App& token, int& exit_code) {
  auto o = std::make_shared<verify_command>();
  auto& command = *token.add_subcommand("verify", "Whether a node would accept a token, and what it says");
  command.add_option("TOKEN", o->token, "the token, or - for standard input")->required();
  command.add_option("--cluster", o->cluster, "which cluster it must be for")
      ->type_name("NAME")
      ->capture_default_str();
  command.add_option("--skew", o->skew, "that clocks may differ by")
      ->type_name("DURATION")
      ->capture_default_str();
  command.add_option("--keys", o->keys, "directory of keys")->type_name("DIR")->capture_default_str();
  command.add_option("-o,--output", o->output, "table or json")
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str();
  command.footer("Exit codes: 0 it is accepted, 1 it is refused, and why.\n"
                 "Examples:\n"
                 "  forestage token issue --peer alice | forestage token verify -\n"
                 "  forestage token verify eyJhbGciOi… -o json");
  command.callback([o, &exit_code] { exit_code = verify(*o); });
}

int list_keys(const std::string& directory, const std::string& output) {
  const auto ring = tokens::key_ring::load(directory, tokens::key_use::issue);
  if (!ring) return failed(ring.failure());
  if (output == "json") return printed(tokens::to_json(ring.value()) + "\n");
  std::size_t width = 3;
  for (const auto& kid : ring.value().kids())
    width = std::max(width, kid.size());
  const auto column = [width](std::string text) {
    text.resize(width + 2, ' ');
    return text;
  };
  std::string out = column("key") + "algorithm  issues tokens here\n";
  for (const auto& kid : ring.value().kids()) {
    const auto* key = ring.value().find(kid);
    out += column(kid) + std::string{tokens::to_string(key->signs_with)} + "      " +
           (key->issues() ? "yes" : "no") + "\n";
  }
  return printed(out);
}

int new_key(const std::string& directory, std::string kid) {
  if (kid.empty()) {
    const auto random = tokens::random_hex(4);
    if (!random) return failed(random.failure());
    // A date in front: a list of keys is then a list by age.
    const auto today = tokens::time_text(now_seconds());
    kid = today.substr(0, 4) + today.substr(5, 2) + today.substr(8, 2) + "-" + random.value();
  }
  if (auto made = tokens::make_key(directory, kid); !made) return failed(made.failure());
  return printed(kid + "\n");
}

void add_keys(CLI::App& token, int& exit_code) {
  struct key_options {
    std::string keys = default_keys, kid, output = "table";
  };
  auto o = std::make_shared<key_options>();
  auto& keys = *token.add_subcommand("keys", "The keys that tokens are signed and verified with");
  keys.require_subcommand(1);
  auto& list = *keys.add_subcommand("list", "The keys that are here, and which of them can issue");
  auto& fresh = *keys.add_subcommand("new", "Make a key (EC P-256, ES256); prints its name");
  for (auto* command : {&list, &fresh})
    command->add_option("--keys", o->keys, "directory of keys")->type_name("DIR")->capture_default_str();
  list.add_option("-o,--output", o->output, "table or json")
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str();
  fresh.add_option("--kid", o->kid, "its name: letters, digits, _ and - (default: today and a random part)")
      ->type_name("KEY");
  list.footer("Example:\n  forestage token keys list -o json");
  fresh.footer("Writes KEY.pem (public: every node that verifies needs it) and KEY.key.pem (private, mode "
               "0600: only where "
               "tokens are issued).\n"
               "Example:\n  forestage token keys new --kid summer");
  keys.footer("To rotate: make a new key, copy its KEY.pem to every node, issue with --kid, and remove the "
              "old one's files "
              "when its last token has expired.\n"
              "Examples:\n  forestage token keys new\n  forestage token keys list");
  list.callback([o, &exit_code] { exit_code = list_keys(o->keys, o->output); });
  fresh.callback([o, &exit_code] { exit_code = new_key(o->keys, o->kid); });
}

} // namespace

void add_token(CLI::App& app, int& exit_code) {
  auto& command = *app.add_subcommand("token", "Tokens of peers and operators, and the keys that sign them");
  command.require_subcommand(1);
  add_issue(command, exit_code);
  add_verify(command, exit_code);
  add_keys(command, exit_code);
  command.footer("Examples:\n"
                 "  forestage token keys new                    once\n"
                 "  forestage token issue --peer alice          a token for an hour\n"
                 "  forestage token issue --peer alice | forestage token verify -");
}

} // namespace forestage::tools
