// SPDX-License-Identifier: Apache-2.0
// The database is a file: a newer capmond, a tool or a broken disk may have written any value. The
// rows are read, and judged, as after a restart.
#include "daemon/monitor.h"
#include "daemon/profile/verdict.h"
#include "daemon/store/columns.h"
#include "daemon/store/migrations.h"
#include "daemon/store/rows.h"
#include "daemon/store/tables.h"
#include "tests/fuzz/fuzz.h"

namespace capmon {
namespace {

// Takes a value for each column off the input: a number, a text, or NULL.
class Values {
 public:
  explicit Values(std::string_view data) : data_(data) {}
  bool done() const { return data_.empty(); }
  uint8_t Byte() {
    if (data_.empty()) return 0;
    const uint8_t byte = static_cast<uint8_t>(data_[0]);
    data_.remove_prefix(1);
    return byte;
  }
  int64_t Number() {
    uint64_t number = 0;
    for (int left = Byte() % 9; left > 0; --left) number = number << 8 | Byte();
    return static_cast<int64_t>(number);
  }
  std::string Text() {
    const std::string text(data_.substr(0, data_.find('\0')));
    data_.remove_prefix(std::min(data_.size(), text.size() + 1));
    return text;
  }

 private:
  std::string_view data_;
};

template <typename Table>
void AddRow(Database& db, Values& values) {
  const std::vector<std::string> columns = ColumnsOf<Table>();
  Statement row = db.Prepare(std::string("INSERT OR REPLACE INTO ") + Table::kName + "(" +
                             Listed(columns) + ") VALUES(" + Listed(columns, "?") + ")");
  for (size_t i = 0; i < columns.size(); ++i) {
    const int position = static_cast<int>(i) + 1;
    // Rows belong to the one container there is, most of the time.
    const uint8_t kind = columns[i] == "container" || columns[i] == "key" ? 255 : values.Byte();
    if (kind == 255)
      row.BindText(position, "web");
    else if (kind % 4 == 0)
      row.BindNull(position);
    else if (kind % 4 == 1)
      row.BindText(position, values.Text());
    else
      row.BindInt(position, values.Number());
  }
  row.Next();
}

template <typename... Tables>
void AddRows(Database& db, Values& values, std::tuple<Tables...>) {
  while (!values.done()) {
    const size_t chosen = values.Byte() % sizeof...(Tables);
    size_t at = 0;
    ((at++ == chosen ? AddRow<Tables>(db, values) : void()), ...);
    (void)db.TakeStatus();  // a row that the database refuses
  }
}

}  // namespace
}  // namespace capmon

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace capmon;
  const auto db = Database::Open(":memory:");
  Require(db.ok() && Migrate(**db).ok(), "an empty database can be made");
  (*db)->Run("INSERT INTO containers(key) VALUES('web')");
  Values values(AsText(data, size));
  AddRows(**db, values, AllTables());
  ReadCursor(**db, 1);
  MonitorState state = ReadState(**db);
  for (const Profile& profile : state.profiles) Judge(profile, CallSites::BuiltIn());
  Monitor monitor(CallSites::BuiltIn(), {});
  monitor.Restore(std::move(state));
  return 0;
}
