#include "models/allocation/price_answer.hpp"

#include <algorithm>
#include <iterator>

namespace forestage::models {

namespace {

using step_iterator = std::span<const benefit_step>::iterator;

std::uint32_t first_unit_of(const candidate& from, step_iterator step) {
  return step == from.steps.begin() ? 1 : std::prev(step)->last_unit + 1;
}

// Calls visit(candidate, step, rank in the request's field) for every step that the request covers.
template <class Visit>
void for_each_step(const price_request& request, const candidate_set& candidates, Visit visit) {
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const auto each = candidates[i];
    const auto from_rank = [&](std::uint64_t rank) {
      return std::partition_point(each.steps.begin(), each.steps.end(),
                                  [&](const benefit_step& s) { return rank_of(s.worth) < rank; });
    };
    if (request.field == price_field::benefit) {
      for (auto step = from_rank(request.first_rank); step != each.steps.end(); ++step) {
        const auto rank = rank_of(step->worth);
        if (rank > request.last_rank) break;
        visit(each, step, rank);
      }
    } else if (each.hash >= request.first_rank && each.hash <= request.last_rank) {
      const auto step = from_rank(rank_of(request.tied));
      if (step != each.steps.end() && step->worth == request.tied) visit(each, step, each.hash);
    }
  }
}

void add_to(histogram_bin& sum, const histogram_bin& other) {
  if (sum.units == 0) {
    sum = other;
    return;
  }
  sum.units += other.units;
  sum.runs += other.runs;
  sum.lowest_rank = std::min(sum.lowest_rank, other.lowest_rank);
  sum.highest_rank = std::max(sum.highest_rank, other.highest_rank);
}

// Sorts by bin and adds equal ones up.
void fold(std::vector<histogram_bin>& bins) {
  std::ranges::sort(bins, {}, &histogram_bin::bin);
  std::size_t kept = 0;
  for (const auto& bin : bins) {
    if (kept > 0 && bins[kept - 1].bin == bin.bin)
      add_to(bins[kept - 1], bin);
    else
      bins[kept++] = bin;
  }
  bins.resize(kept);
}

// Sparse from the start: most regions have few candidates in an interval, and answers are kept until they are
// merged.
std::vector<histogram_bin> count_bins(const price_request& request, const candidate_set& candidates) {
  std::vector<histogram_bin> bins;
  std::size_t fold_at = 4'096;
  for_each_step(request, candidates, [&](const candidate& from, step_iterator step, std::uint64_t rank) {
    const auto bin = static_cast<std::uint32_t>((rank - request.first_rank) >> request.shift);
    const auto units = std::uint64_t{step->last_unit} - first_unit_of(from, step) + 1;
    bins.push_back({bin, units, 1, rank, rank});
    if (bins.size() < fold_at) return;
    fold(bins);
    fold_at = std::max<std::size_t>(4'096, 2 * bins.size());
  });
  fold(bins);
  return bins;
}

std::vector<unit_run> list_runs(const price_request& request, const candidate_set& candidates) {
  std::vector<unit_run> runs;
  for_each_step(request, candidates, [&](const candidate& from, step_iterator step, std::uint64_t) {
    runs.push_back({rank_of(step->worth), from.hash, std::string{from.resource}, first_unit_of(from, step),
                    step->last_unit});
  });
  std::ranges::sort(runs, std::less<>{});
  return runs;
}

} // namespace

status validate(const price_request& request) {
  if (request.first_rank > request.last_rank || request.shift > 63 ||
      ((request.last_rank - request.first_rank) >> request.shift) >= max_bins)
    return {errc::invalid_data, "a price request whose range is empty or has more than 65,536 bins"};
  if (request.tied < least_benefit || request.tied > greatest_benefit)
    return {errc::invalid_data, "a price request for a benefit outside -1 to 1"};
  return success();
}

void merge(price_answer& sum, const price_answer& other) {
  std::vector<histogram_bin> bins;
  bins.reserve(sum.bins.size() + other.bins.size());
  std::ranges::merge(sum.bins, other.bins, std::back_inserter(bins), {}, &histogram_bin::bin,
                     &histogram_bin::bin);
  std::size_t kept = 0;
  for (const auto& bin : bins) {
    if (kept > 0 && bins[kept - 1].bin == bin.bin)
      add_to(bins[kept - 1], bin);
    else
      bins[kept++] = bin;
  }
  bins.resize(kept);
  sum.bins = std::move(bins);

  const auto middle = static_cast<std::ptrdiff_t>(sum.runs.size());
  sum.runs.insert(sum.runs.end(), other.runs.begin(), other.runs.end());
  std::inplace_merge(sum.runs.begin(), sum.runs.begin() + middle, sum.runs.end());
}

price_answer answer(const price_request& request, const candidate_set& candidates) {
  if (request.form == answer_form::runs) return {{}, list_runs(request, candidates)};
  return {count_bins(request, candidates), {}};
}

} // namespace forestage::models
