#include "adapters/files/read_file.hpp"

#include "adapters/files/atomic_file.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>

namespace forestage::files {
namespace {

using models::errc;
using models::error;

constexpr std::size_t step_bytes = 1U << 18U;

error too_large(const std::string& name, std::size_t limit) {
  return {errc::limit_exceeded,
          name + " holds more than " + std::to_string(limit) + " bytes; is it the right file?"};
}

error damaged(const std::string& name, const char* kind) {
  return {errc::invalid_data, name + " is damaged or cut short (" + kind + "); fetch or write it again"};
}

// Gives `more` a place for up to step_bytes at the end of `text`; it answers how many it made.
template <class More> void extend(std::string& text, const More& more) {
  const auto before = text.size();
  text.resize(before + step_bytes);
  text.resize(before + more(text.data() + before));
}

models::result<std::string> gunzip(const std::string& bytes, const std::string& name, std::size_t limit) {
  z_stream stream = {};
  if (::inflateInit2(&stream, 15 + 16) != Z_OK) return error{errc::internal, "zlib could not start"};
  const std::unique_ptr<z_stream, int (*)(z_stream*)> guard{&stream, ::inflateEnd};
  std::string text;
  std::size_t fed = 0;
  for (bool member_done = false;;) {
    if (stream.avail_in == 0) { // zlib counts its input in 32 bits
      const auto part = std::min<std::size_t>(bytes.size() - fed, 1U << 30U);
      stream.next_in =
          reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data() + fed)); // NOLINT: zlib only reads it
      stream.avail_in = static_cast<uInt>(part);
      fed += part;
    }
    if (stream.avail_in == 0) {
      if (member_done) return text;
      return damaged(name, "gzip");
    }
    if (std::exchange(member_done, false) && ::inflateReset(&stream) != Z_OK) return damaged(name, "gzip");
    int state = Z_OK;
    extend(text, [&](char* to) {
      stream.next_out = reinterpret_cast<Bytef*>(to);
      stream.avail_out = static_cast<uInt>(step_bytes);
      state = ::inflate(&stream, Z_NO_FLUSH);
      return step_bytes - stream.avail_out;
    });
    if (text.size() > limit) return too_large(name, limit);
    if (state != Z_OK && state != Z_STREAM_END) return damaged(name, "gzip");
    member_done = state == Z_STREAM_END;
  }
}

models::result<std::string> unzstd(const std::string& bytes, const std::string& name, std::size_t limit) {
  const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context{::ZSTD_createDCtx(), ::ZSTD_freeDCtx};
  if (!context) return error{errc::internal, "zstd could not start"};
  std::string text;
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  for (;;) {
    std::size_t state = 0;
    std::size_t made = 0;
    extend(text, [&](char* to) {
      ZSTD_outBuffer out{to, step_bytes, 0};
      state = ::ZSTD_decompressStream(context.get(), &out, &in);
      return made = out.pos;
    });
    if (text.size() > limit) return too_large(name, limit);
    if (::ZSTD_isError(state) != 0) return damaged(name, "zstd");
    if (in.pos < in.size) continue;
    if (state == 0) return text;
    if (made < step_bytes) return damaged(name, "zstd");
  }
}

} // namespace

models::result<std::string> decompress(std::string bytes, const std::string& name, std::size_t limit) {
  if (bytes.starts_with("\x1f\x8b")) return gunzip(bytes, name, limit);
  if (bytes.starts_with("\x28\xb5\x2f\xfd")) return unzstd(bytes, name, limit);
  if (bytes.size() > limit) return too_large(name, limit);
  return bytes;
}

models::result<std::string> read_file(const std::string& path, std::size_t limit) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0 && (errno == ENOENT || errno == ENOTDIR))
    return {errc::not_found, "cannot read " + path + ": no such file; check the path"};
  if (descriptor < 0) return {errc::storage_failed, describe_failure("read", path, errno)};
  std::string bytes;
  int wrong = 0;
  for (bool more = true; more;) {
    extend(bytes, [&](char* to) -> std::size_t {
      const auto got = ::read(descriptor, to, step_bytes);
      if (got < 0 && errno != EINTR) wrong = errno;
      more = wrong == 0 && got != 0;
      return got > 0 ? static_cast<std::size_t>(got) : 0;
    });
    if (bytes.size() > limit) break;
  }
  ::close(descriptor);
  if (wrong != 0) return {errc::storage_failed, describe_failure("read", path, wrong)};
  if (bytes.size() > limit) return too_large(path, limit);
  return decompress(std::move(bytes), path, limit);
}

} // namespace forestage::files
