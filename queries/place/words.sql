-- What places and trades are called, for finding them by name: dongs, named areas and trades, in
-- both languages, trades also by their everyday words.
-- grain: one row per name of a dong, named area or trade
-- columns:
--   kind varchar: dong, area or trade
--   code varchar: code of the dong, named area or trade
--   word varchar: a name, as people may type it
--   name_ko varchar: the name in Korean that is shown for it
--   name_en varchar: the name in English that is shown for it; null where there is none
--   part_of varchar: code of the dong that an area lies in, or of the group of a trade
with

words as (
    select
        'dong' as kind,
        dong_code as code,
        unnest([name_ko, name_en]) as word,
        name_ko,
        name_en,
        null as part_of
    from dong
    union all
    select
        'area' as kind,
        area_code as code,
        unnest([name_ko, name_en]) as word,
        name_ko,
        name_en,
        dong_code as part_of
    from trade_area
    union all
    select
        'trade' as kind,
        category_id as code,
        unnest(list_distinct(list_concat([name_ko, name_en], coalesce(synonyms, [])))) as word,
        name_ko,
        name_en,
        parent_id as part_of
    from category
)

select
    kind,
    code,
    word,
    name_ko,
    name_en,
    part_of
from words
where trim(word) <> ''
order by
    case kind when 'dong' then 1 when 'area' then 2 else 3 end,
    part_of is not null,
    code,
    word
