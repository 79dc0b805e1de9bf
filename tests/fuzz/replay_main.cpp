// Feeds every file of a folder to a fuzz target once: without libFuzzer, its corpus is a regression test.
// Usage: fuzz_x FOLDER. Exit codes: 0 every file was read, 1 the folder holds none, 2 usage.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
    return 2;
  }
  std::error_code wrong;
  int count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{argv[1], wrong}) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in{entry.path(), std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{in}, {}};
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    ++count;
  }
  std::printf("%d inputs from %s\n", count, argv[1]);
  return count > 0 ? 0 : 1;
}
