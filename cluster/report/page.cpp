// The file is taken in by the assembler: as a C++ array, 700 kB would take the compiler longer than
// everything else here.
#include "cluster/report/page.hpp"

__asm__(".pushsection .rodata\n"
        ".balign 16\n"
        "forestage_report_page_begin:\n"
        ".incbin \"" FORESTAGE_REPORT_PAGE "\"\n"
        "forestage_report_page_end:\n"
        ".byte 0\n"
        ".popsection\n");

extern "C" {
extern const char forestage_report_page_begin[];
extern const char forestage_report_page_end[];
}

namespace forestage::cluster {

std::string_view report_page() noexcept {
  return {forestage_report_page_begin, forestage_report_page_end};
}

} // namespace forestage::cluster
