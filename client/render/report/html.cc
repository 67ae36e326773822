// SPDX-License-Identifier: Apache-2.0
#include "client/render/report/html.h"

#include "client/base/text.h"

namespace capmon {

std::string EscapedForHtml(std::string_view text) {
  std::string escaped;
  for (const char c : Printable(text)) {
    switch (c) {
      case '&': escaped += "&amp;"; break;
      case '<': escaped += "&lt;"; break;
      case '>': escaped += "&gt;"; break;
      case '"': escaped += "&quot;"; break;
      case '\'': escaped += "&#39;"; break;
      default: escaped += c;
    }
  }
  return escaped;
}

Html::Element::~Element() { html_.out_.append("</").append(tag_).append(">"); }

Html::Element Html::In(const char* tag, Attributes attributes) {
  Start(tag, attributes);
  return {*this, tag};
}

void Html::Void(const char* tag, Attributes attributes) { Start(tag, attributes); }

void Html::Leaf(const char* tag, Attributes attributes, std::string_view text) {
  const Element element = In(tag, attributes);
  Text(text);
}

void Html::Text(std::string_view text) { out_ += EscapedForHtml(text); }

void Html::Start(const char* tag, Attributes attributes) {
  out_.append("<").append(tag);
  for (const Attribute& attribute : attributes)
    out_.append(" ")
        .append(attribute.name)
        .append("=\"")
        .append(EscapedForHtml(attribute.value))
        .append("\"");
  out_ += '>';
}

}  // namespace capmon
