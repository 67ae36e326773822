// SPDX-License-Identifier: Apache-2.0
// Options shared by all commands.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "common/address.h"

namespace capmon {

class DocumentTemplate;

// kMatrix, kName and kCsv are for `list` only, kSarif and kJunit for `check -f`.
enum class Format {
  kTable,
  kWide,
  kJson,
  kJsonLines,
  kYaml,
  kTemplate,  // -o jsonpath=, -o custom-columns=
  kMatrix,
  kName,
  kCsv,
  kSarif,
  kJunit
};

// Returns true for output that programs read.
constexpr bool IsDocument(Format format) {
  return format == Format::kJson || format == Format::kJsonLines || format == Format::kYaml ||
         format == Format::kTemplate;
}

// A format, of kTemplate with the template.
class OutputFormat {
 public:
  OutputFormat(Format format) : format_(format) {}  // NOLINT: a format is an output format
  explicit OutputFormat(std::shared_ptr<DocumentTemplate> text)
      : format_(Format::kTemplate), template_(std::move(text)) {}

  operator Format() const { return format_; }  // NOLINT: as above
  DocumentTemplate& document_template() const { return *template_; }

 private:
  Format format_;
  std::shared_ptr<DocumentTemplate> template_;
};

struct Settings {
  std::string address = kDefaultAddress;
  OutputFormat format = Format::kTable;
  bool headers = true;
  size_t width = 0;  // columns of the terminal; 0: no limit

  bool document() const { return IsDocument(format); }
  bool wide() const { return format == Format::kWide; }
};

}  // namespace capmon
