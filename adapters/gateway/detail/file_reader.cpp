#include "adapters/gateway/detail/file_reader.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace forestage::adapters::gateway::detail {

using models::errc;

models::result<std::unique_ptr<file_reader>> file_reader::open(const file_body& file) {
  // O_NONBLOCK: a pipe with nobody at its other end shall not stop everybody.
  const int opened = ::open(file.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (opened < 0) return {errc::not_found, "there is no such file"};
  struct stat found {};
  if (::fstat(opened, &found) != 0 || !S_ISREG(found.st_mode)) {
    ::close(opened);
    return {errc::not_found, "there is no such file"};
  }
  file_facts facts;
  facts.size = static_cast<std::uint64_t>(found.st_size);
  facts.changed = found.st_mtim.tv_sec;
  facts.entity_tag =
      file.entity_tag.empty()
          ? entity_tag_of(facts.size, found.st_mtim.tv_sec * 1'000'000'000 + found.st_mtim.tv_nsec)
          : file.entity_tag;
  return std::unique_ptr<file_reader>{new file_reader{opened, std::move(facts)}};
}

file_reader::file_reader(int file, file_facts facts)
    : file_(file)
    , facts_(std::move(facts)) {}

file_reader::~file_reader() {
  ::close(file_);
}

void file_reader::select(std::uint64_t from, std::uint64_t length) noexcept {
  at_ = from;
  left_ = length;
}

std::string_view file_reader::next() {
  if (!piece_) piece_.reset(new char[std::min<std::uint64_t>(piece_bytes, left_)]);
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(piece_bytes, left_));
  ssize_t count = -1;
  do {
    count = ::pread(file_, piece_.get(), wanted, static_cast<off_t>(at_));
  } while (count < 0 && errno == EINTR);
  if (count <= 0) return {};
  at_ += static_cast<std::uint64_t>(count);
  left_ -= static_cast<std::uint64_t>(count);
  return {piece_.get(), static_cast<std::size_t>(count)};
}

} // namespace forestage::adapters::gateway::detail
