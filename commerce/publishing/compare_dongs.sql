-- Whether two lists of dongs are of the same places: names may differ, codes and outlines not.
select
    not exists (
        (
            select
                dong_code,
                boundary
            from read_parquet($before)
            except
            select
                dong_code,
                boundary
            from read_parquet($after)
        )
        union all
        (
            select
                dong_code,
                boundary
            from read_parquet($after)
            except
            select
                dong_code,
                boundary
            from read_parquet($before)
        )
    ) as are_same
