#include "cluster/node/credibility_file.hpp"

#include "adapters/files/atomic_file.hpp"
#include "adapters/files/read_file.hpp"

#include <utility>

namespace forestage::cluster {

namespace {
constexpr std::size_t most_bytes = std::size_t{64} << 20U;
}

std::string read_credibilities(const std::filesystem::path& data_dir) {
  auto bytes = files::read_file((data_dir / credibility_file).string(), most_bytes);
  return bytes ? std::move(*bytes) : std::string{};
}

models::status write_credibilities(const std::filesystem::path& data_dir, std::string_view bytes) {
  auto file = files::atomic_file::open((data_dir / credibility_file).string());
  if (!file) return file.failure();
  if (auto written = file->write(bytes); !written) return written;
  return file->commit();
}

} // namespace forestage::cluster
