// SPDX-License-Identifier: Apache-2.0
// Writes HTML that a name cannot break out of: text and attribute values are escaped here and
// nowhere else. Tags and attribute names are literals of this program; no function writes a string
// as markup.
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

  // Closes its element in its destructor.
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
  // Writes an element without content and end tag, like <meta>.
  void Void(const char* tag, Attributes attributes);
  // Writes an element with text only.
  void Leaf(const char* tag, Attributes attributes, std::string_view text);
  // Writes text, escaped; control characters and those that reverse the direction of text become
  // "\u202e".
  void Text(std::string_view text);
  void Newline() { out_ += '\n'; }
  // Writes a constant of this program unescaped.
  void Verbatim(const char* constant) { out_ += constant; }

  // Appends another document.
  void Insert(Html other) { out_ += other.out_; }

  size_t size() const { return out_.size(); }
  std::string Take() { return std::move(out_); }

 private:
  void Start(const char* tag, Attributes attributes);

  std::string out_;
};

// Returns what Text() writes.
std::string EscapedForHtml(std::string_view text);

}  // namespace capmon
