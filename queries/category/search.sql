-- Which trades an everyday word means: 카페, 치킨집, 머리 … Spaces and case do not matter.
-- grain: one row per trade or group that the word finds, best first
-- parameters:
--   $text varchar: what was typed; null or blank finds nothing
--   $max_rows integer: how many at most; null means 10
-- columns:
--   category_id varchar: trade or group
--   parent_id varchar: group of the trade; null for a group
--   name_ko varchar: its name in Korean
--   name_en varchar: its name in English
--   has_permits boolean: false for a trade that needs no permit: there is no permit data of it
--   matched varchar: the word that was found
--   score integer: 3 the very word, 2 begins with it, 1 holds it or is held by it
with

typed as (
    select lower(replace(trim($text::varchar), ' ', '')) as word
),

words as (
    select
        category_id,
        unnest(list_distinct(list_concat([name_ko, name_en], synonyms))) as matched
    from category
),

scored as (
    select
        words.category_id,
        words.matched,
        case
            when lower(replace(words.matched, ' ', '')) = typed.word then 3
            when starts_with(lower(replace(words.matched, ' ', '')), typed.word) then 2
            when contains(lower(replace(words.matched, ' ', '')), typed.word) then 1
            when
                length(words.matched) >= 2
                and contains(typed.word, lower(replace(words.matched, ' ', '')))
                then 1
            else 0
        end as score
    from words
    cross join typed
    where typed.word <> ''
),

best as (
    select
        category_id,
        arg_max(matched, score * 100 - length(matched)) as matched,
        max(score) as score
    from scored
    where score > 0
    group by category_id
),

-- a group has permits when a trade of it has
trades as (
    select
        category.category_id,
        category.parent_id,
        category.name_ko,
        category.name_en,
        coalesce(bool_or(child.has_permits), any_value(category.has_permits)) as has_permits
    from category
    left join category as child on category.category_id = child.parent_id
    group by
        category.category_id,
        category.parent_id,
        category.name_ko,
        category.name_en
)

select
    trades.category_id,
    trades.parent_id,
    trades.name_ko,
    trades.name_en,
    trades.has_permits,
    best.matched,
    best.score::integer as score
from best
inner join trades on best.category_id = trades.category_id
order by best.score desc, trades.parent_id is null desc, trades.category_id
limit coalesce($max_rows, 10)
