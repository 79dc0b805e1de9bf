#include "adapters/files/output.hpp"

#include "adapters/files/atomic_file.hpp"

#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

namespace forestage::files {
namespace {

using models::errc;
using models::status;
using models::success;

constexpr std::size_t buffer_bytes = 1U << 18U;

// Where bytes end: standard output or a file.
class target {
public:
  static models::result<target> open(const std::string& path) {
    target made;
    if (path == "-") return made;
    auto file = atomic_file::open(path);
    if (!file) return file.failure();
    made.file_ = std::move(*file);
    return made;
  }

  status write(std::string_view bytes) {
    if (file_) return file_->write(bytes);
    while (!bytes.empty()) {
      const auto written = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return {errc::storage_failed, describe_failure("write", "standard output", errno)};
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return success();
  }

  status commit() { return file_ ? file_->commit() : success(); }

private:
  std::optional<atomic_file> file_;
};

// Turns bytes into bytes; the empty filter is plain text.
class filter {
public:
  filter() = default;
  filter(const filter&) = delete;
  filter& operator=(const filter&) = delete;
  virtual ~filter() = default;
  [[nodiscard]] virtual status put(std::string_view bytes, bool last, target& into) = 0;
};

class plain final : public filter {
  status put(std::string_view bytes, bool, target& into) override { return into.write(bytes); }
};

class gzip final : public filter {
public:
  gzip() {
    // 15 window bits, + 16 for the gzip header, which carries no time stamp: the same bytes every time.
    ready_ = ::deflateInit2(&stream_, 4, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK;
  }
  ~gzip() override {
    if (ready_) ::deflateEnd(&stream_);
  }
  gzip(const gzip&) = delete;
  gzip& operator=(const gzip&) = delete;

private:
  status put(std::string_view bytes, bool last, target& into) override {
    if (!ready_) return {errc::internal, "zlib could not start"};
    stream_.next_in =
        reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data())); // NOLINT: zlib does not write to it
    stream_.avail_in = static_cast<uInt>(bytes.size());
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(space_.data());
      stream_.avail_out = static_cast<uInt>(space_.size());
      if (::deflate(&stream_, last ? Z_FINISH : Z_NO_FLUSH) == Z_STREAM_ERROR)
        return {errc::internal, "zlib failed"};
      const auto made = space_.size() - stream_.avail_out;
      if (auto ok = into.write({space_.data(), made}); !ok) return ok;
    } while (stream_.avail_out == 0);
    return success();
  }

  z_stream stream_ = {};
  bool ready_ = false;
  std::string space_ = std::string(buffer_bytes, '\0');
};

class zstd final : public filter {
public:
  zstd() {
    if (context_) ::ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1);
  }

private:
  status put(std::string_view bytes, bool last, target& into) override {
    if (!context_) return {errc::internal, "zstd could not start"};
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    for (;;) {
      ZSTD_outBuffer out{space_.data(), space_.size(), 0};
      const auto left =
          ::ZSTD_compressStream2(context_.get(), &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);
      if (::ZSTD_isError(left) != 0)
        return {errc::internal, std::string{"zstd failed: "} + ::ZSTD_getErrorName(left)};
      if (auto ok = into.write({space_.data(), out.pos}); !ok) return ok;
      if (last ? left == 0 : in.pos == in.size) return success();
    }
  }

  struct free_context {
    void operator()(ZSTD_CCtx* context) const noexcept { ::ZSTD_freeCCtx(context); }
  };
  std::unique_ptr<ZSTD_CCtx, free_context> context_{::ZSTD_createCCtx()};
  std::string space_ = std::string(buffer_bytes, '\0');
};

std::unique_ptr<filter> filter_for(const std::string& path) {
  if (path.ends_with(".gz")) return std::make_unique<gzip>();
  if (path.ends_with(".zst")) return std::make_unique<zstd>();
  return std::make_unique<plain>();
}

} // namespace

class output::sink {
public:
  sink(target into, std::unique_ptr<filter> through)
      : target_(std::move(into))
      , filter_(std::move(through)) {
    buffer_.reserve(buffer_bytes);
  }

  status write(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto fits = std::min(bytes.size(), buffer_bytes - buffer_.size());
      buffer_.append(bytes.substr(0, fits));
      bytes.remove_prefix(fits);
      if (buffer_.size() < buffer_bytes) continue;
      if (auto ok = filter_->put(buffer_, false, target_); !ok) return ok;
      buffer_.clear();
    }
    return success();
  }

  status finish() {
    if (std::exchange(finished_, true)) return success();
    return filter_->put(buffer_, true, target_);
  }

  status commit() {
    if (auto ok = finish(); !ok) return ok;
    return target_.commit();
  }

private:
  target target_;
  std::unique_ptr<filter> filter_;
  std::string buffer_;
  bool finished_ = false;
};

models::result<output> output::open(const std::string& path) {
  auto into = target::open(path);
  if (!into) return into.failure();
  return output{std::make_unique<sink>(std::move(*into), filter_for(path))};
}

models::status output::write(std::string_view bytes) {
  return sink_->write(bytes);
}
models::status output::finish() {
  return sink_->finish();
}
models::status output::commit() {
  return sink_->commit();
}

output::output(std::unique_ptr<sink> out)
    : sink_(std::move(out)) {}
output::output(output&&) noexcept = default;
output& output::operator=(output&&) noexcept = default;
output::~output() = default;

} // namespace forestage::files
