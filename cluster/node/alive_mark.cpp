#include "cluster/node/alive_mark.hpp"

#include "adapters/files/atomic_file.hpp"

#include <charconv>
#include <fstream>
#include <string>

namespace forestage::cluster {

std::optional<std::int64_t> read_alive(const std::filesystem::path& data_dir) {
  std::ifstream in{data_dir / alive_file};
  std::string line;
  if (!std::getline(in, line)) return std::nullopt;
  std::int64_t ms = 0;
  const auto* end = line.data() + line.size();
  const auto [at, failed] = std::from_chars(line.data(), end, ms);
  if (failed != std::errc{} || at != end || ms < 0) return std::nullopt;
  return ms;
}

models::status write_alive(const std::filesystem::path& data_dir, std::int64_t now_ms) {
  auto file = files::atomic_file::open((data_dir / alive_file).string());
  if (!file) return file.failure();
  if (auto written = file->write(std::to_string(now_ms) + "\n"); !written) return written;
  return file->commit();
}

} // namespace forestage::cluster
