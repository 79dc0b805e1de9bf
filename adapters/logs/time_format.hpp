// Times in a form the user describes, as strptime does:
//
//   %Y year (4 digits)  %y year (2 digits: 69-99 are 19xx)  %m month  %d %e day  %b %B %h month's name  %j
//   day of the year %H hour  %I hour (1-12)  %p AM or PM  %M minute  %S second, and a fraction when one
//   follows  %f fraction %z offset  %Z UTC or GMT  %s unix seconds  %a %A weekday's name (not checked) %F =
//   %Y-%m-%d  %T = %H:%M:%S  %R = %H:%M  %D = %m/%d/%y  %n %t or a blank: any number of blanks  %%
//
// Everything else stands for itself. UTC unless %z says. Parts that are not named are the start of 1970's, so
// a form needs a date: %s, or a year with a month and a day, or with %j.
#pragma once

#include "adapters/logs/time_text.hpp"
#include "models/result.hpp"

#include <string>
#include <string_view>

namespace forestage::adapters::logs {

class time_format {
public:
  // Errors: invalid_argument, naming the directive.
  [[nodiscard]] static models::result<time_format> make(std::string_view text);
  [[nodiscard]] time_value parse(std::string_view text) const noexcept;
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

private:
  explicit time_format(std::string text, std::string program)
      : text_(std::move(text))
      , program_(std::move(program)) {}
  std::string text_;    // as given
  std::string program_; // with composed directives replaced by their parts
};

} // namespace forestage::adapters::logs
