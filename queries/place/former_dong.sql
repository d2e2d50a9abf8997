-- Which dong bore a code before the reform of 2026-07, so that older links still lead there.
-- grain: one row, or none where no dong bore it
-- parameters:
--   $dong_code varchar: 10-digit code before the reform
-- columns:
--   dong_code varchar: 10-digit code in force now
select dong_code
from dong
where dong_code_before_2026_07 = $dong_code
order by dong_code
limit 1
