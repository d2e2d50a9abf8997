-- What one row's addresses say, as macros: which lot, which building, which floor. Plain addresses
-- were read by addresses.py already, but for the floor.

-- Lot address: everything up to the 법정동, then 산, main and sub number, then what follows.
create or replace macro lot_parts(address) as regexp_extract(
    address,
    '^(.*?[동리가])\s*(산)?\s*(\d+)(?:\s*-\s*(\d+)|\s*번지\s*(\d+)\s*호|\s*번지)?((?:[^\d가].*)?)$',
    ['place', 'hill', 'main', 'sub', 'ho', 'rest']
);
-- Road address: everything up to the road name, then building number and sub number.
create or replace macro road_parts(address) as regexp_extract(
    address,
    '^(.*?(?:로|길)(?:\s*\d+[가-힣]?번?[가-힣]?길)?)\s*(지하)?\s*(\d+)(?:\s*-\s*(\d+))?()(\D.*|)$',
    ['place', 'hill', 'main', 'sub', 'ho', 'rest']
);
-- The first floor or room that a text names: 지하1층, B1, 2층, 105호 (the first floor), 1203호.
create or replace macro storey(detail) as if(
    contains(detail, '층'),
    regexp_extract(detail, '(지하|지|B|b)?\s*(\d{1,2})\s*층', ['below', 'number']),
    null
);
create or replace macro room(detail) as if(
    contains(detail, '호'),
    regexp_extract(
        detail, '(지하|지|B|b)?\s*(\d{1,2})\d{2}(?:\s*[,~-]\s*\d{1,4})*\s*호', ['below', 'number']
    ),
    null
);
create or replace macro floor_text(found) as if(
    found.number is null or found.number in ('', '0', '00'), null,
    if(found.below <> '', 'B', '') || ltrim(found.number, '0')
);
-- A key that is the same for one lot or building in whatever version of this program (addresses.py
-- computes it too): the hash of
-- the place is below 2^62, the numbers below 2^40, so that their sum fits.
create or replace macro address_key(place_hash, hill, main, sub) as
place_hash
+ (
    try_cast(main as usmallint)::bigint * 100000
    + coalesce(try_cast(nullif(sub, '') as usmallint)::bigint, 0)
) * 2
+ if(hill <> '', 1, 0);
create or replace macro is_blank_date(word) as
word is null or trim(word) in ('', '00000000', '0000-00-00', '-');
-- Days come as 2012-12-24, 20121224 or with a time behind; anything else is null.
create or replace macro day_of(word) as if(
    word >= '0' and word < ':',
    coalesce(
        if(strlen(word) = 10, try_cast(word as date), null),
        (try_strptime(
            regexp_replace(word, '^(\d{4})[-./]?(\d{2})[-./]?(\d{2})(?:\D.*|\d{6}\s*)?$', '\1\2\3'),
            '%Y%m%d'
        ))::date
    ),
    null
);
create or replace macro moment_of(word) as if(
    word >= '0' and word < ':',
    coalesce(
        if(strlen(word) = 19, try_cast(word as timestamp), null),
        try_strptime(
            trim(word),
            [
                '%Y%m%d%H%M%S', '%Y-%m-%d %H:%M:%S.%g', '%Y-%m-%d %H:%M', '%Y-%m-%d', '%Y%m%d',
                '%Y/%m/%d %H:%M:%S', '%Y/%m/%d'
            ]
        )
    ),
    null
);
create or replace macro is_point(x, y) as x <> 0 and y <> 0 and isfinite(x) and isfinite(y);
