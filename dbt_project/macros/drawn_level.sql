{# A whole number from 0 to 65535, drawn by the text of an expression: the same on every engine and
   in every build. Four hexadecimal digits of its MD5 hash, read by their place in the alphabet. #}
{% macro drawn_level(expression) -%}
(
    {%- for power in [4096, 256, 16, 1] %}
            {{ '+ ' if not loop.first }}{{ power }}
            * (instr('0123456789abcdef', substr(md5({{ expression }}), {{ loop.index }}, 1)) - 1)
    {%- endfor %}
        )
{%- endmacro %}
