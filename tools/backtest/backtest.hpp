// forestage backtest: forecasts of real series from origins in their past, scored.
#pragma once

namespace CLI {
class App;
}

namespace forestage::tools {

void add_backtest(CLI::App& app, int& exit_code);

} // namespace forestage::tools
