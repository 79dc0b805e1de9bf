#include "models/allocation/price.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <limits>
#include <utility>

namespace forestage::models {

namespace {

constexpr std::uint64_t last_hash = std::numeric_limits<std::uint64_t>::max();

status disagreement() {
  return {errc::invalid_data,
          "the shards' counts disagree with an earlier round of the price search; start it again"};
}

} // namespace

std::uint32_t allocation_at(const unit_price& price, const candidate& wanted) noexcept {
  if (!price.value) return wanted.cap();
  const auto& steps = wanted.steps;
  const auto tied = std::partition_point(steps.begin(), steps.end(),
                                         [&](const benefit_step& s) { return s.worth > *price.value; });
  const auto above = tied == steps.begin() ? 0 : std::prev(tied)->last_unit;
  if (tied == steps.end() || tied->worth != *price.value) return above;
  const auto& line = price.line;
  if (wanted.hash != line.hash) return wanted.hash < line.hash ? tied->last_unit : above;
  const auto order = wanted.resource.compare(line.resource);
  if (order != 0) return order < 0 ? tied->last_unit : above;
  return std::clamp(line.unit, above, tied->last_unit);
}

price_search::price_search(std::int64_t budget, price_search_options options)
    : options_(options)
    , needed_(budget > 0 ? static_cast<std::uint64_t>(budget) : 0) {
  options_.bin_bits = std::clamp(options_.bin_bits, 1U, 16U);
  if (needed_ == 0) {
    price_.value = prohibitive_benefit;
    done_ = true;
    return;
  }
  ask(answer_form::histogram, price_field::benefit, 0, last_benefit_rank);
}

void price_search::ask(answer_form form, price_field field, std::uint64_t first_rank,
                       std::uint64_t last_rank) {
  const auto bits = static_cast<unsigned>(std::bit_width(last_rank - first_rank));
  const auto shift = bits > options_.bin_bits ? bits - options_.bin_bits : 0;
  request_ = {form, field, first_rank, last_rank, static_cast<std::uint8_t>(shift), request_.tied};
}

status price_search::step(const price_answer& sum) {
  assert(!done_);
  auto outcome = request_.form == answer_form::histogram ? step_histogram(sum) : step_runs(sum);
  if (outcome) ++rounds_;
  return outcome;
}

status price_search::step_histogram(const price_answer& sum) {
  std::uint64_t total = 0;
  for (const auto& bin : sum.bins)
    total += bin.units;
  if (in_range_) {
    if (total != *in_range_) return disagreement();
  } else if (total <= needed_) {
    done_ = true;
    return success();
  }

  auto needed = needed_;
  auto marginal = sum.bins.begin();
  while (needed > marginal->units) {
    needed -= marginal->units;
    ++marginal;
  }
  const auto [bin, units, runs, lowest, highest] = *marginal;
  const auto bin_of = [&](std::uint64_t rank) { return (rank - request_.first_rank) >> request_.shift; };
  if (lowest < request_.first_rank || lowest > highest || highest > request_.last_rank ||
      bin_of(lowest) != bin || bin_of(highest) != bin)
    return {errc::invalid_data, "a shard's histogram has ranks outside their bin"};

  needed_ = needed;
  in_range_ = units;
  const auto exact = lowest == highest;
  if (runs <= options_.run_limit || (exact && request_.field == price_field::hash)) {
    ask(answer_form::runs, request_.field, lowest, highest);
  } else if (exact) {
    request_.tied = benefit_at(lowest);
    ask(answer_form::histogram, price_field::hash, 0, last_hash);
  } else {
    ask(answer_form::histogram, request_.field, lowest, highest);
  }
  return success();
}

status price_search::step_runs(const price_answer& sum) {
  std::uint64_t total = 0;
  for (const auto& run : sum.runs)
    total += run.units();
  if (!in_range_ || total != *in_range_) return disagreement();

  auto needed = needed_;
  auto last = sum.runs.begin();
  while (needed > last->units()) {
    needed -= last->units();
    ++last;
  }
  const auto rank = request_.field == price_field::benefit ? last->benefit_rank : last->hash;
  if (rank < request_.first_rank || rank > request_.last_rank || last->benefit_rank > last_benefit_rank)
    return {errc::invalid_data, "a shard sent units outside the range it was asked for"};
  price_.value = benefit_at(last->benefit_rank);
  price_.line = {last->hash, last->resource, static_cast<std::uint32_t>(last->first_unit + needed - 1)};
  done_ = true;
  return success();
}

result<unit_price> find_price(std::int64_t budget, std::span<const candidate_set> shards,
                              price_search_options options) {
  price_search search{budget, options};
  while (!search.done()) {
    price_answer sum;
    for (const auto& shard : shards)
      merge(sum, answer(search.request(), shard));
    if (auto outcome = search.step(sum); !outcome) return outcome.failure();
  }
  return search.price();
}

price_batch::price_batch(std::span<const std::int64_t> budgets, price_search_options options) {
  searches_.reserve(budgets.size());
  for (const auto budget : budgets)
    searches_.emplace_back(budget, options);
}

bool price_batch::done() const noexcept {
  return std::ranges::all_of(searches_, &price_search::done);
}

std::vector<numbered_request> price_batch::requests() const {
  std::vector<numbered_request> requests;
  for (std::uint32_t i = 0; i < searches_.size(); ++i)
    if (!searches_[i].done()) requests.push_back({i, searches_[i].request()});
  return requests;
}

status price_batch::step(std::span<const numbered_answer> sums) {
  const auto asked = requests();
  if (!std::ranges::equal(asked, sums, {}, &numbered_request::search, &numbered_answer::search))
    return {errc::invalid_data, "answers that are not those to the price batch's requests"};
  for (const auto& [search, sum] : sums)
    if (auto outcome = searches_[search].step(sum); !outcome) return outcome;
  return success();
}

result<std::vector<numbered_answer>> answer(std::span<const numbered_request> requests,
                                            std::span<const candidate_set> candidates) {
  std::vector<numbered_answer> answers;
  answers.reserve(requests.size());
  for (const auto& [search, request] : requests) {
    if (search >= candidates.size())
      return {errc::invalid_data, "a price request for an interval without candidates"};
    if (auto outcome = validate(request); !outcome) return outcome.failure();
    answers.push_back({search, answer(request, candidates[search])});
  }
  return answers;
}

void merge(std::vector<numbered_answer>& sum, std::span<const numbered_answer> other) {
  for (const auto& [search, addend] : other) {
    const auto place = std::ranges::lower_bound(sum, search, {}, &numbered_answer::search);
    if (place != sum.end() && place->search == search)
      merge(place->answer, addend);
    else
      sum.insert(place, {search, addend});
  }
}

} // namespace forestage::models
