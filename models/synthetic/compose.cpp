#include "models/synthetic/compose.hpp"

#include "models/synthetic/portable_math.hpp"
#include "models/synthetic/random_stream.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace forestage::models::synthetic {
namespace {

// What a stream of randomness is for: the second number of its key.
enum purpose : std::uint64_t {
  rank_order = 1,
  role_order,
  resource_traits,
  life,
  flash_traits,
  session_traits,
  habit_traits
};

// A resource on a timetable keeps this part of its usual background outside its windows.
constexpr double session_background = 0.01;

struct known_region {
  const char* name;
  std::int32_t utc_offset_minutes;
};
constexpr std::array<known_region, 12> known_regions = {{{"eu-west", 60},
                                                         {"us-east", -300},
                                                         {"ap-east", 540},
                                                         {"us-west", -480},
                                                         {"ap-south", 330},
                                                         {"sa-east", -180},
                                                         {"eu-east", 120},
                                                         {"oc-east", 600},
                                                         {"af-south", 120},
                                                         {"me-central", 240},
                                                         {"us-central", -360},
                                                         {"ap-southeast", 420}}};

std::vector<resource_class> standard_classes(bool weekly) {
  const auto weekend = [&](double factor) { return weekly ? factor : 1.0; };
  return {
      {"room", 0.03, {{{600, 75, 1.0}, {885, 90, 0.85}}}, weekend(0.25)},   // calls: office hours
      {"match", 0.06, {{{990, 80, 0.45}, {1'260, 90, 1.0}}}, weekend(1.5)}, // games: after school, evenings
      {"video", 0.08, {{{755, 60, 0.5}, {1'230, 110, 1.0}}}, weekend(1.2)}, // lunch and evening
      {"file", 0.05, {{{570, 60, 1.0}, {840, 100, 0.7}}}, weekend(0.4)},    // mornings and afternoons
      {"feed", 0.10, {{{450, 45, 0.9}, {1'080, 80, 1.0}}}, weekend(0.8)}};  // on the way to work and home
}

std::vector<region> make_regions(const options& wanted, std::vector<double>& weights) {
  double sum = 0;
  for (std::uint32_t g = 0; g < wanted.regions; ++g)
    sum += weights.emplace_back(1 / (1 + 0.35 * g));
  std::vector<region> regions(wanted.regions);
  double before = 0;
  std::uint32_t next_peer = 0;
  for (std::uint32_t g = 0; g < wanted.regions; ++g) {
    weights[g] /= sum;
    before += weights[g];
    const bool known = g < known_regions.size();
    regions[g].name =
        region_id::make(known ? known_regions[g].name : "region-" + std::to_string(g + 1)).value();
    regions[g].utc_offset_minutes =
        known ? known_regions[g].utc_offset_minutes : (static_cast<std::int32_t>(g * 5 % 24) - 11) * 60;
    regions[g].first_peer = next_peer;
    // Everyone gets a peer; the rest by weight.
    const auto spare = static_cast<double>(wanted.peers - wanted.regions);
    const auto end =
        g + 1 == wanted.regions ? wanted.peers : static_cast<std::uint32_t>(before * spare) + g + 1;
    regions[g].peers = end - next_peer;
    next_peer = end;
  }
  return regions;
}

std::vector<std::uint16_t> draw_shares(random_stream& random, std::span<const double> weights) {
  const double place = random.uniform();
  std::size_t home = 0;
  for (double sum = weights[0]; home + 1 < weights.size() && place >= sum; sum += weights[home])
    ++home;
  std::vector<double> wild(weights.size());
  double sum = 0;
  for (std::size_t g = 0; g < weights.size(); ++g)
    sum += wild[g] = weights[g] * random.exponential();
  std::vector<std::uint16_t> shares(weights.size());
  std::uint32_t given = 0;
  for (std::size_t g = 0; g < weights.size(); ++g) {
    shares[g] = static_cast<std::uint16_t>(sum > 0 ? 0.6 * share_whole * wild[g] / sum : 0);
    given += shares[g];
  }
  shares[home] = static_cast<std::uint16_t>(shares[home] + share_whole - given);
  return shares;
}

std::uint32_t home_of(const resource& of) {
  return static_cast<std::uint32_t>(std::max_element(of.shares.begin(), of.shares.end()) - of.shares.begin());
}

// 0 .. count - 1 in a random order.
std::vector<std::uint32_t> shuffled(std::uint32_t count, std::uint64_t seed, purpose what) {
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0U);
  random_stream random{seed, what};
  for (std::uint32_t i = count; i > 1; --i)
    std::swap(order[i - 1], order[random.below(i)]);
  return order;
}

struct roles {
  std::vector<std::uint32_t> scheduled; // live on a timetable
  std::vector<std::uint32_t> mortal;    // are born or die within the span
  std::vector<std::uint32_t> permanent; // the others
};

std::uint32_t mortals(const options& wanted) {
  return static_cast<std::uint32_t>(wanted.births * wanted.resources);
}

roles draw_roles(const options& wanted, std::span<const std::uint32_t> rank) {
  roles drawn;
  const auto head =
      wanted.resources / 20; // the best known resources have no timetable, so the head stays a Zipf head
  for (const auto r : shuffled(wanted.resources, wanted.seed, role_order)) {
    if (drawn.scheduled.size() < wanted.sessions &&
        (rank[r] >= head || wanted.resources - head < wanted.sessions))
      drawn.scheduled.push_back(r);
    else if (drawn.mortal.size() < mortals(wanted))
      drawn.mortal.push_back(r);
    else
      drawn.permanent.push_back(r);
  }
  return drawn;
}

void draw_life(resource& of, const options& wanted, std::uint32_t number) {
  random_stream random{wanted.seed, life, number};
  const auto span = wanted.days * minutes_per_day;
  const auto shortest = std::max<std::int64_t>(60, span / 20);
  const auto at = [&](std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(random.uniform() * static_cast<double>(high - low));
  };
  const double kind = random.uniform();
  if (kind < 0.8) of.born = at(1, span - shortest);
  if (kind >= 0.4) of.dies = at(of.born + shortest, span);
}

// Splits `total` into `count` parts of random size, each 0.5 to 1.5 of the mean.
std::vector<double> split(double total, std::uint32_t count, std::uint64_t seed, purpose what) {
  std::vector<double> parts(count);
  double sum = 0;
  for (std::uint32_t i = 0; i < count; ++i)
    sum += parts[i] = random_stream{seed, what, i, 0x5bU}.uniform(0.5, 1.5);
  for (auto& part : parts)
    part *= total / sum;
  return parts;
}

void set_total(pulse& item, double total, std::int64_t span) {
  item.height = 1;
  item.height = total / expected(item, span, 0, span);
}

void add_flash_crowds(parameters& all, const options& wanted, const roles& drawn, double total) {
  const auto totals = split(total, wanted.flash, wanted.seed, flash_traits);
  const auto span = all.span_minutes();
  for (std::uint32_t i = 0; i < wanted.flash; ++i) {
    random_stream random{wanted.seed, flash_traits, i};
    pulse crowd;
    crowd.resource = drawn.permanent[random.below(static_cast<std::uint32_t>(drawn.permanent.size()))];
    crowd.first_minute = static_cast<std::int64_t>(random.uniform() * 0.9 * static_cast<double>(span));
    crowd.decay_minutes = 10 + random.below(80);
    crowd.minutes = std::min(span, 10 * static_cast<std::int64_t>(crowd.decay_minutes));
    const auto& shares = all.resources[crowd.resource].shares;
    if (random.uniform() < 0.5) {
      crowd.region = home_of(all.resources[crowd.resource]);
      set_total(crowd, totals[i], span);
      all.pulses.push_back(crowd);
      continue;
    }
    for (std::uint32_t g = 0; g < wanted.regions; ++g)
      if (shares[g] != 0) {
        crowd.region = g;
        set_total(crowd, totals[i] * shares[g] / share_whole, span);
        all.pulses.push_back(crowd);
      }
  }
}

void add_sessions(parameters& all, const options& wanted, const roles& drawn, double total) {
  const auto totals = split(total, wanted.sessions, wanted.seed, session_traits);
  for (std::uint32_t i = 0; i < wanted.sessions; ++i) {
    random_stream random{wanted.seed, session_traits, i};
    pulse session;
    session.what = pulse::kind::session;
    session.resource = drawn.scheduled[i];
    session.region = home_of(all.resources[session.resource]);
    session.minutes = 30 + 15 * random.below(7);
    session.decay_minutes = static_cast<double>(session.minutes) / 3;
    const auto local_start = 8 * 60 + 15 * static_cast<std::int64_t>(random.below(49)); // 08:00 to 20:00
    const auto utc = local_start - all.regions[session.region].utc_offset_minutes + minutes_per_day;
    session.first_minute = utc % minutes_per_day;
    session.period_minutes = minutes_per_day;
    if (wanted.weekly && i % 2 == 1 && wanted.days >= 7) {
      session.period_minutes = minutes_per_week;
      session.first_minute += random.below(7) * minutes_per_day;
    }
    set_total(session, totals[i], all.span_minutes());
    all.pulses.push_back(session);
  }
}

// Returns the expected requests of the habits added.
double add_habits(parameters& all, const options& wanted, const roles& drawn) {
  const double per_day = wanted.events * wanted.habits / wanted.days;
  if (per_day == 0) return 0;
  const double most = static_cast<double>(max_habits_per_peer) * wanted.peers;
  const auto count = std::max(std::uint32_t{1}, static_cast<std::uint32_t>(std::min(per_day, most)));
  const auto strengths = split(std::min(per_day, most), count, wanted.seed, habit_traits);
  all.habits.resize(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    random_stream random{wanted.seed, habit_traits, i};
    auto& made = all.habits[i];
    made.peer = random.below(wanted.peers);
    const auto home = std::partition_point(all.regions.begin(), all.regions.end(), [&](const region& g) {
      return g.first_peer + g.peers <= made.peer;
    });
    made.region = static_cast<std::uint32_t>(home - all.regions.begin());
    made.resource = drawn.permanent[random.below(static_cast<std::uint32_t>(drawn.permanent.size()))];
    const auto local = 7 * 60 + random.below(16 * 60); // 07:00 to 23:00
    made.minute =
        static_cast<std::uint32_t>((minutes_per_day + local - home->utc_offset_minutes) % minutes_per_day);
    made.spread_minutes = 2 + random.below(7);
    made.strength = strengths[i];
  }
  return std::min(per_day, most) * wanted.days;
}

} // namespace

std::uint32_t most_sessions(const options& wanted) {
  const bool sensible = wanted.births >= 0 && wanted.births <= 0.9 && wanted.resources >= 1;
  return sensible ? wanted.resources - mortals(wanted) - 1 : 0;
}

status validate(const options& wanted) {
  const auto wrong = [](std::string text) { return status{errc::invalid_argument, std::move(text)}; };
  const auto within = [](double value, double low, double high) { return value >= low && value <= high; };
  if (!within(wanted.days, 1, 3'660)) return wrong("--days must be 1 to 3660");
  if (!within(static_cast<double>(wanted.first_day), -200'000, 200'000))
    return wrong("--start must lie within 500 years of 1970");
  if (!within(wanted.events, 1, 1e12)) return wrong("--events must be at least 1");
  if (wanted.events / wanted.days > max_events_per_day)
    return wrong(
        "--events may be at most 100 million a day, because a day is sorted in memory; ask for more --days");
  if (!within(wanted.resources, 1, 1e7)) return wrong("--resources must be 1 to 10000000");
  if (!within(wanted.regions, 1, 64)) return wrong("--regions must be 1 to 64");
  if (!within(wanted.peers, wanted.regions, 1e9))
    return wrong("--peers must be 1000000000 at most, and one per region at least");
  if (!within(wanted.zipf, 0, 3)) return wrong("--zipf must be 0 (all alike) to 3");
  if (wanted.flash > 10'000) return wrong("--flash must be 0 to 10000");
  if (!within(wanted.habits, 0, 0.9)) return wrong("--habits is a share, 0 to 0.9");
  if (!within(wanted.births, 0, 0.9)) return wrong("--births is a share, 0 to 0.9");
  if (wanted.sessions > most_sessions(wanted))
    return wrong("--sessions " + std::to_string(wanted.sessions) + " leaves no ordinary resource among " +
                 std::to_string(wanted.resources) + " of which " + std::to_string(mortals(wanted)) +
                 " are born or die; ask for fewer --sessions or --births, or more --resources");
  return success();
}

result<parameters> compose(const options& wanted) {
  if (const auto ok = validate(wanted); !ok) return ok.failure();
  parameters all;
  all.first_day = wanted.first_day;
  all.days = wanted.days;
  all.seed = wanted.seed;
  std::vector<double> weights;
  all.regions = make_regions(wanted, weights);
  all.classes = standard_classes(wanted.weekly);

  const auto rank = shuffled(wanted.resources, wanted.seed, rank_order);
  all.resources.resize(wanted.resources);
  for (std::uint32_t r = 0; r < wanted.resources; ++r) {
    auto& of = all.resources[r];
    random_stream random{wanted.seed, resource_traits, r};
    of.class_number = random.below(static_cast<std::uint32_t>(all.classes.size()));
    of.name = resource_id::make(all.classes[of.class_number].name + "/" + std::to_string(r)).value();
    of.rate = portable_exp(-wanted.zipf * portable_log(rank[r] + 1.0));
    of.born = 0;
    of.dies = all.span_minutes();
    of.shares = draw_shares(random, weights);
  }
  const auto drawn = draw_roles(wanted, rank);
  for (const auto r : drawn.mortal)
    draw_life(all.resources[r], wanted, r);
  for (const auto r : drawn.scheduled)
    all.resources[r].rate *= session_background;

  double background = wanted.events - add_habits(all, wanted, drawn);
  const double crowds = background * std::min(0.2, 0.01 * wanted.flash);
  const double sessions = background * std::min(0.3, 0.004 * wanted.sessions);
  add_flash_crowds(all, wanted, drawn, crowds);
  add_sessions(all, wanted, drawn, sessions);
  background -= crowds + sessions;

  // The rates so far are only proportional; scale them to what is left.
  const cycle_table cycles{all.classes};
  double sum = 0;
  for (const auto& of : all.resources)
    for (std::uint32_t g = 0; g < wanted.regions; ++g)
      sum += of.rate * of.shares[g] / share_whole *
             cycles.integral(of.class_number, all.regions[g].utc_offset_minutes,
                             all.first_day * minutes_per_day + of.born, of.dies - of.born);
  for (auto& of : all.resources)
    of.rate *= background / sum;
  return all;
}

} // namespace forestage::models::synthetic
