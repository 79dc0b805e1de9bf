#include "cluster/replay/request_log.hpp"

#include "cluster/replay/kept_log.hpp"

#include <algorithm>
#include <filesystem>

namespace forestage::cluster {

using models::errc;
using models::result;

namespace {

namespace logs = adapters::logs;

class file_log final : public request_log {
public:
  explicit file_log(logs::log_source source)
      : source_(std::move(source)) {}

  result<logs::read_report> read(logs::log_sink& sink) const override { return source_.read(sink); }
  std::string place_of(const logs::log_event& event) const override { return source_.place_of(event); }
  std::string columns() const override { return to_string(source_.columns()); }
  bool has_peers() const noexcept override { return source_.columns().peer.has_value(); }
  bool has_segments() const noexcept override { return !source_.columns().segment.empty(); }
  const std::vector<std::string>& notes() const noexcept override { return source_.notes(); }
  std::optional<std::int64_t> interval_seconds() const noexcept override { return std::nullopt; }

private:
  logs::log_source source_;
};

result<std::unique_ptr<request_log>> open_files(const replay_options& options) {
  logs::read_options read;
  read.paths = options.paths;
  read.time_format = options.time_format;
  read.strict = options.strict;
  if (auto selected = logs::select(read, options.columns, options.where); !selected)
    return selected.failure();
  auto source = logs::log_source::open(std::move(read));
  if (!source) return source.failure();
  return std::unique_ptr<request_log>{std::make_unique<file_log>(std::move(*source))};
}

result<std::unique_ptr<request_log>> open_directory(const replay_options& options) {
  const auto& path = options.paths.front();
  if (!options.columns.empty() || !options.where.empty() || !options.time_format.empty())
    return {errc::invalid_argument,
            path + " is a data directory: it keeps counts, not rows, so --columns, --where and "
                   "--time-format have nothing to choose from; leave them out"};
  std::error_code unknown;
  if (!options.data_dir.empty() && std::filesystem::equivalent(path, options.data_dir, unknown))
    return {errc::invalid_argument,
            path + " is the log and the --data-dir of this run: name another directory for the run"};
  return open_kept_log(path);
}

} // namespace

result<std::unique_ptr<request_log>> open_log(const replay_options& options) {
  const auto is_directory = [](const std::string& path) {
    std::error_code unknown;
    return std::filesystem::is_directory(path, unknown);
  };
  const auto at = std::find_if(options.paths.begin(), options.paths.end(), is_directory);
  if (at == options.paths.end()) return open_files(options);
  if (options.paths.size() > 1)
    return {errc::invalid_argument, *at + " is a directory: a data directory is replayed alone"};
  return open_directory(options);
}

} // namespace forestage::cluster
