// SPDX-License-Identifier: Apache-2.0
// HTML that cannot be broken out of: text and attribute values are escaped here and nowhere else.
// Tags and attribute names are literals of ours; there is no way to write markup from a string.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace capmon {

class Html {
 public:
  struct Attribute {
    const char* name;
    std::string value;
  };
  using Attributes = std::initializer_list<Attribute>;

  // Closes its element when it goes.
  class Element {
   public:
    Element(Html& html, const char* tag) : html_(html), tag_(tag) {}
    ~Element();
    Element(const Element&) = delete;
    Element& operator=(const Element&) = delete;

   private:
    Html& html_;
    const char* tag_;
  };

  [[nodiscard]] Element In(const char* tag, Attributes attributes = {});
  // One without contents and without an end, like <meta>.
  void Void(const char* tag, Attributes attributes);
  // One with text and nothing else.
  void Leaf(const char* tag, Attributes attributes, std::string_view text);
  // Escaped, and with what would confuse a reader spelled out: control characters and those that
  // reverse the direction of text come out as "\u202e".
  void Text(std::string_view text);
  void Newline() { out_ += '\n'; }
  // As it stands: for constants of this program.
  void Verbatim(const char* constant) { out_ += constant; }

  // What another one has written.
  void Insert(Html other) { out_ += other.out_; }

  size_t size() const { return out_.size(); }
  std::string Take() { return std::move(out_); }

 private:
  void Start(const char* tag, Attributes attributes);

  std::string out_;
};

// What Text() writes.
std::string EscapedForHtml(std::string_view text);

}  // namespace capmon
