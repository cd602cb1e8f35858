/** What an attacker would put into a key, a tag, a value, a name or an error, for a page to run. */
export const hostileStrings: readonly string[] = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(2)>',
  "'><svg onload=alert(3)>",
  '</textarea><script>alert(4)</script>',
  '<iframe srcdoc="<script>parent.alert(5)</script>"></iframe>',
  'javascript:alert(6)',
  '<a href="javascript:alert(7)">x</a>',
  '<style>@import "http://127.0.0.1:9/8"</style>',
  '{{constructor.constructor("alert(9)")()}}',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it must not become one.
  '${alert(10)}`-alert(10)-`',
  '<math><mtext></form><form><mglyph><style></math><img src onerror=alert(11)>',
  '\u202e<b onmouseover=alert(12)>\u2028\u2029</b>\u0000',
  '<!--><img src=x onerror=alert(13)>--><![CDATA[<script>alert(13)</script>]]>',
]
