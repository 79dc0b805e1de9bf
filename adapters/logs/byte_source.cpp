#include "adapters/logs/byte_source.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace forestage::adapters::logs {

using models::errc;
using models::result;

namespace {

std::string reason_of(int number) {
  return std::generic_category().message(number);
}

class file_source final : public byte_source {
public:
  file_source(int descriptor, std::string name, std::uint64_t size)
      : descriptor_(descriptor)
      , name_(std::move(name))
      , size_(size) {}
  ~file_source() override { ::close(descriptor_); }

  result<std::size_t> read(std::span<char> out) override {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), size_ - consumed_));
    while (wanted > 0) {
      const auto got = ::read(descriptor_, out.data(), wanted);
      if (got >= 0) {
        consumed_ += static_cast<std::uint64_t>(got);
        return static_cast<std::size_t>(got);
      }
      if (errno != EINTR)
        return {errc::storage_failed, name_ + ": cannot be read: " + reason_of(errno) + "; check the disk"};
    }
    return std::size_t{0};
  }
  [[nodiscard]] std::uint64_t consumed() const noexcept override { return consumed_; }

private:
  int descriptor_;
  std::string name_;
  std::uint64_t size_;
  std::uint64_t consumed_ = 0;
};

class memory_source final : public byte_source {
public:
  explicit memory_source(std::string_view bytes)
      : bytes_(bytes) {}

  result<std::size_t> read(std::span<char> out) override {
    const auto count = std::min(out.size(), bytes_.size() - consumed_);
    std::copy_n(bytes_.data() + consumed_, count, out.data());
    consumed_ += count;
    return count;
  }
  [[nodiscard]] std::uint64_t consumed() const noexcept override { return consumed_; }

private:
  std::string_view bytes_;
  std::size_t consumed_ = 0;
};

result<std::unique_ptr<byte_source>> open_raw(const input& from) {
  if (from.in_memory) return std::unique_ptr<byte_source>{std::make_unique<memory_source>(from.bytes)};
  const int descriptor = ::open(from.name.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    return {errc::storage_failed,
            from.name + ": cannot be opened: " + reason_of(errno) + "; check its permissions"};
  ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
  return std::unique_ptr<byte_source>{std::make_unique<file_source>(descriptor, from.name, from.size)};
}

// The first bytes, so that the kind of file can be told; short only at the end of the file.
result<std::string> head_of(const input& from) {
  auto raw = open_raw(from);
  if (!raw) return raw.failure();
  std::array<char, 8> head{};
  std::size_t filled = 0;
  while (filled < head.size()) {
    auto got = (*raw)->read(std::span{head}.subspan(filled));
    if (!got) return got.failure();
    if (*got == 0) break;
    filled += *got;
  }
  return std::string{head.data(), filled};
}

struct unsupported_kind {
  std::string_view magic;
  std::string_view name;
  std::string_view remedy;
};
constexpr std::array unsupported{
    unsupported_kind{"\xfd"
                     "7zXZ",
                     "an xz file", "unpack it with `xz -d`, or pack it with gzip or zstd"},
    unsupported_kind{"BZh", "a bzip2 file", "unpack it with `bunzip2`, or pack it with gzip or zstd"},
    unsupported_kind{"PK\x03\x04", "a zip archive", "unpack it with `unzip` and give the files inside"},
    unsupported_kind{"\x04\x22\x4d\x18", "an lz4 file",
                     "unpack it with `lz4 -d`, or pack it with gzip or zstd"},
    unsupported_kind{"PAR1", "a Parquet file", "convert it to CSV or JSON Lines"},
    unsupported_kind{"SQLite f", "an SQLite database", "export the table as CSV"},
};

} // namespace

result<input> inspect_file(const std::string& path) {
  struct ::stat found {};
  if (::stat(path.c_str(), &found) != 0) {
    if (errno == ENOENT || errno == ENOTDIR)
      return {errc::not_found, path + ": no such file; check the path"};
    return {errc::storage_failed, path + ": " + reason_of(errno) + "; check the path and its permissions"};
  }
  if (S_ISDIR(found.st_mode))
    return {errc::invalid_argument, path + ": is a folder; give the log files inside it"};
  if (!S_ISREG(found.st_mode))
    return {errc::invalid_argument,
            path + ": is not a regular file, and a log is read twice; write it to a file first"};
  if (found.st_size == 0)
    return {errc::invalid_data, path + ": the file is empty; give a log with at least one row"};
  return input{
      .name = path, .in_memory = false, .bytes = {}, .size = static_cast<std::uint64_t>(found.st_size)};
}

input memory_input(std::string name, std::string_view bytes) {
  return {.name = std::move(name), .in_memory = true, .bytes = bytes, .size = bytes.size()};
}

result<std::unique_ptr<byte_source>> open_source(const input& from) {
  const auto head = head_of(from);
  if (!head) return head.failure();
  const std::string_view bytes = *head;
  for (const auto& kind : unsupported)
    if (bytes.starts_with(kind.magic))
      return {errc::invalid_argument, from.name + ": is " + std::string{kind.name} + ", which is not read; " +
                                          std::string{kind.remedy}};
  auto raw = open_raw(from);
  if (!raw) return raw.failure();
  if (bytes.starts_with("\x1f\x8b")) return make_gzip_source(std::move(*raw), from.name);
  const bool skippable = bytes.size() >= 4 && (static_cast<unsigned char>(bytes[0]) & 0xf0U) == 0x50 &&
                         bytes.substr(1).starts_with("\x2a\x4d\x18");
  if (skippable || bytes.starts_with("\x28\xb5\x2f\xfd")) return make_zstd_source(std::move(*raw), from.name);
  return std::move(*raw);
}

} // namespace forestage::adapters::logs
