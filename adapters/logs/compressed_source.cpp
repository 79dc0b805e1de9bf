// gzip and zstd over a raw source. zlib and libzstd stay in this file.
#include "adapters/logs/byte_source.hpp"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <vector>

namespace forestage::adapters::logs {

using models::errc;
using models::result;

namespace {

constexpr std::size_t chunk_bytes = std::size_t{128} * 1024;

// The stored bytes, a chunk at a time.
class chunk_reader {
public:
  explicit chunk_reader(std::unique_ptr<byte_source> raw)
      : raw_(std::move(raw))
      , chunk_(chunk_bytes) {}

  // The next chunk; empty at the end.
  result<std::span<char>> next() {
    auto got = raw_->read(chunk_);
    if (!got) return got.failure();
    return std::span{chunk_}.first(*got);
  }
  [[nodiscard]] std::uint64_t consumed() const noexcept { return raw_->consumed(); }

private:
  std::unique_ptr<byte_source> raw_;
  std::vector<char> chunk_;
};

models::error truncated(const std::string& name, std::string_view kind) {
  return {errc::invalid_data,
          name + ": the " + std::string{kind} +
              " data is truncated: the file ends before its content does; copy or download it again"};
}
models::error damaged(const std::string& name, std::string_view kind, std::string_view detail) {
  return {errc::invalid_data, name + ": the " + std::string{kind} + " data is damaged (" +
                                  std::string{detail} + "); copy or download the file again"};
}

class gzip_source final : public byte_source {
public:
  gzip_source(std::unique_ptr<byte_source> raw, std::string name)
      : chunks_(std::move(raw))
      , name_(std::move(name)) {
    // 15: the largest window; +16: a gzip header and trailer, whose checksum is verified.
    ready_ = inflateInit2(&stream_, 15 + 16) == Z_OK;
  }
  ~gzip_source() override {
    if (ready_) inflateEnd(&stream_);
  }

  result<std::size_t> read(std::span<char> out) override {
    if (!ready_) return {errc::internal, name_ + ": zlib could not start: out of memory"};
    if (ended_ || out.empty()) return std::size_t{0};
    const auto limit = static_cast<uInt>(std::min<std::size_t>(out.size(), std::size_t{1} << 30U));
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = limit;
    while (stream_.avail_out == limit) {
      if (stream_.avail_in == 0) {
        auto chunk = chunks_.next();
        if (!chunk) return chunk.failure();
        if (chunk->empty()) {
          if (inside_member_) return truncated(name_, "gzip");
          ended_ = true;
          break;
        }
        stream_.next_in = reinterpret_cast<Bytef*>(chunk->data());
        stream_.avail_in = static_cast<uInt>(chunk->size());
      }
      if (!inside_member_ && !start_member()) continue;
      const int outcome = inflate(&stream_, Z_NO_FLUSH);
      if (outcome == Z_STREAM_END) {
        inside_member_ = false;
        members_ += 1;
        inflateReset(&stream_);
      } else if (outcome != Z_OK && outcome != Z_BUF_ERROR) {
        return damaged(name_, "gzip",
                       stream_.msg != nullptr ? stream_.msg : "not gzip after its last member");
      }
    }
    return static_cast<std::size_t>(limit - stream_.avail_out);
  }
  [[nodiscard]] std::uint64_t consumed() const noexcept override {
    return chunks_.consumed() - stream_.avail_in;
  }

private:
  // Between members: zeros pad a file (tape blocks) and are skipped; anything else must be a member.
  bool start_member() {
    while (members_ > 0 && stream_.avail_in > 0 && *stream_.next_in == 0) {
      ++stream_.next_in;
      --stream_.avail_in;
    }
    inside_member_ = stream_.avail_in > 0;
    return inside_member_;
  }

  chunk_reader chunks_;
  std::string name_;
  z_stream stream_{};
  bool ready_ = false;
  bool inside_member_ = false;
  bool ended_ = false;
  std::uint64_t members_ = 0;
};

class zstd_source final : public byte_source {
public:
  zstd_source(std::unique_ptr<byte_source> raw, std::string name)
      : chunks_(std::move(raw))
      , name_(std::move(name))
      , stream_(ZSTD_createDStream()) {}
  ~zstd_source() override { ZSTD_freeDStream(stream_); }

  result<std::size_t> read(std::span<char> out) override {
    if (stream_ == nullptr) return {errc::internal, name_ + ": zstd could not start: out of memory"};
    if (out.empty()) return std::size_t{0};
    ZSTD_outBuffer filled{out.data(), out.size(), 0};
    bool input_ended = false;
    while (filled.pos == 0) {
      if (pending_.pos == pending_.size && !input_ended) {
        auto chunk = chunks_.next();
        if (!chunk) return chunk.failure();
        pending_ = {chunk->data(), chunk->size(), 0};
        input_ended = chunk->empty();
      }
      if (input_ended && !inside_frame_) return std::size_t{0};
      // At the end of the input one more call, without any, flushes what the decoder still holds.
      const auto outcome = ZSTD_decompressStream(stream_, &filled, &pending_);
      if (ZSTD_isError(outcome) != 0U) return damaged(name_, "zstd", ZSTD_getErrorName(outcome));
      inside_frame_ = outcome != 0;
      if (input_ended && filled.pos == 0 && inside_frame_) return truncated(name_, "zstd");
    }
    return filled.pos;
  }
  [[nodiscard]] std::uint64_t consumed() const noexcept override {
    return chunks_.consumed() - (pending_.size - pending_.pos);
  }

private:
  chunk_reader chunks_;
  std::string name_;
  ZSTD_DStream* stream_;
  ZSTD_inBuffer pending_{nullptr, 0, 0};
  bool inside_frame_ = false;
};

} // namespace

std::unique_ptr<byte_source> make_gzip_source(std::unique_ptr<byte_source> raw, std::string name) {
  return std::make_unique<gzip_source>(std::move(raw), std::move(name));
}

std::unique_ptr<byte_source> make_zstd_source(std::unique_ptr<byte_source> raw, std::string name) {
  return std::make_unique<zstd_source>(std::move(raw), std::move(name));
}

} // namespace forestage::adapters::logs
