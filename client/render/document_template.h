// SPDX-License-Identifier: Apache-2.0
// What `-o jsonpath=TEMPLATE` and `-o custom-columns=NAME:PATH,...` print of documents.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "client/base/table.h"

namespace capmon {

class DocumentTemplate {
 public:
  virtual ~DocumentTemplate() = default;
  // Returns the text for one document of a command, perhaps one of several.
  virtual absl::StatusOr<std::string> Render(const nlohmann::ordered_json& document) = 0;
};

absl::StatusOr<std::shared_ptr<DocumentTemplate>> JsonPathOutput(std::string_view text);

// A row for each value of a document that holds nothing but one list, as that of `capmon list`; of
// any other document one row. Titles come once, and columns become no narrower.
absl::StatusOr<std::shared_ptr<DocumentTemplate>> CustomColumns(std::string_view spec,
                                                                bool headers);

}  // namespace capmon
