// Bytes of a file, 64 kB at a time. pread blocks the io thread when the page is not in memory; what is staged
// has just been written, and sendfile was no faster (ADR 22).
#pragma once

#include "adapters/gateway/file_answer.hpp"
#include "models/result.hpp"

#include <cstdint>
#include <memory>
#include <string_view>

namespace forestage::adapters::gateway::detail {

class file_reader {
public:
  // Errors: not_found when it is missing, not a regular file or not readable.
  [[nodiscard]] static models::result<std::unique_ptr<file_reader>> open(const file_body& file);
  ~file_reader();
  file_reader(const file_reader&) = delete;
  file_reader& operator=(const file_reader&) = delete;

  [[nodiscard]] const file_facts& facts() const noexcept { return facts_; }
  void select(std::uint64_t from, std::uint64_t length) noexcept;
  [[nodiscard]] std::uint64_t left() const noexcept { return left_; }
  // The next bytes, until the next call. Empty with bytes left: the file has become shorter.
  [[nodiscard]] std::string_view next();

private:
  file_reader(int file, file_facts facts);
  static constexpr std::size_t piece_bytes = 64U << 10U;

  int file_;
  file_facts facts_;
  std::uint64_t at_ = 0, left_ = 0;
  std::unique_ptr<char[]> piece_;
};

} // namespace forestage::adapters::gateway::detail
