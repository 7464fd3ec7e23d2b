{#
Normal forms by which the same party is recognised in two systems. They compare; they are never shown.
#}

{# A VAT number: upper case, letters and digits only, with its country; NULL when it cannot be a real one. #}
{% macro normalised_vat(vat_no, country) -%}
    case
        when length(regexp_replace(coalesce({{ vat_no }}, ''), '[^0-9]', '', 'g')) < 4 then null
        when regexp_full_match(regexp_replace({{ vat_no }}, '[^0-9]', '', 'g'), '0+|1+|9+') then null
        when regexp_matches(upper(trim({{ vat_no }})), '^[A-Z]{2}')
            then upper(regexp_replace({{ vat_no }}, '[^0-9A-Za-z]', '', 'g'))
        else concat(
            upper(coalesce({{ country }}, '')),
            upper(regexp_replace({{ vat_no }}, '[^0-9A-Za-z]', '', 'g'))
        )
    end
{%- endmacro %}

{# A web or e-mail domain: what follows '@' or 'www.', lower case, without path; NULL when it is not a domain. #}
{% macro normalised_domain(domain) -%}
    nullif(
        regexp_extract(
            lower(trim({{ domain }})),
            '^(?:[a-z]+://)?(?:[^@/\s]*@)?(?:www\.)?([a-z0-9][a-z0-9.-]*\.[a-z]{2,})(?:[:/?#].*)?$',
            1
        ),
        ''
    )
{%- endmacro %}

{# A company name as plain words: folded, lower case, '&' read as 'and', dots dropped, other punctuation a space. #}
{% macro plain_words(name) -%}
    trim(regexp_replace(
        replace(replace(replace(replace(replace(replace(
            regexp_replace(strip_accents(lower({{ name }})), '[.''’`]', '', 'g'),
            '&', ' and '), 'ß', 'ss'), 'ł', 'l'), 'ø', 'o'), 'æ', 'ae'), 'đ', 'd'),
        '[^a-z0-9]+', ' ', 'g'
    ))
{%- endmacro %}

{#
A regular expression for the full form of a name key with abbreviated words ('brano anla.' finds 'brano anlagenbau');
NULL when no word of the name is cut off by a dot. Words of fewer than three letters say too little.
#}
{% macro abbreviation_pattern(name, name_key) -%}
    nullif(
        array_to_string(
            list_transform(
                string_split({{ name_key }}, ' '),
                lambda word: case
                    when list_contains(
                        regexp_extract_all(strip_accents(lower({{ name }})), '([a-z0-9]{3,})\.(?:\s|$)', 1), word
                    ) then word || '[a-z0-9]+'
                    else word
                end
            ),
            ' '
        ),
        {{ name_key }}
    )
{%- endmacro %}
